// A small package with one stack, and requests for it.
#pragma once

#include "config/errors.hpp"
#include "memory/stack_core.hpp"

#include <catch2/catch.hpp>

#include <random>

namespace intarsia::tests {

/// Bursts go round pseudo-channels and banks before columns, unless a test says otherwise.
inline config::SystemConfig one_stack(std::uint32_t channels) {
    config::SystemConfig system;
    system.dies.resize(1);
    config::HbmStackConfig stack;
    stack.name = "hbm";
    stack.channels = channels;
    stack.controller.address_order = "pc-bankgroup-bank-sid-column-row";
    system.stacks.push_back(stack);
    return system;
}

inline Packet request(std::uint64_t transaction, PacketKind kind, std::uint64_t address, std::uint32_t bytes,
                      Picoseconds start) {
    Packet packet;
    packet.transaction = transaction;
    packet.kind = kind;
    packet.address = address;
    packet.bytes = bytes;
    packet.source = 7;
    packet.journey = metrics::Journey(start);
    return packet;
}

/// A request for a random place, within one block.
inline Packet random_request(std::uint64_t transaction, const memory::AddressMap& map, std::mt19937_64& random,
                             Picoseconds start) {
    const std::uint64_t block = random() % (map.bytes() / map.block_bytes()) * map.block_bytes();
    const std::uint64_t offset = random() % map.block_bytes();
    const auto bytes = static_cast<std::uint32_t>(1 + random() % (map.block_bytes() - offset));
    const bool whole = random() % 2 == 0;
    const PacketKind kind = random() % 3 == 0 ? PacketKind::write_request : PacketKind::read_request;
    return request(transaction, kind, block + (whole ? 0 : offset),
                   whole ? static_cast<std::uint32_t>(map.block_bytes()) : bytes, start);
}

/// The answer belongs to the request, and its journey runs on from the request's.
inline void check_reply(const Packet& asked, const Packet& reply, const memory::StackNetwork& network) {
    const bool reads = asked.kind == PacketKind::read_request;
    REQUIRE(reply.transaction == asked.transaction);
    REQUIRE(reply.kind == (reads ? PacketKind::read_reply : PacketKind::write_reply));
    REQUIRE(reply.address == asked.address);
    REQUIRE(reply.bytes == asked.bytes);
    REQUIRE(reply.source == asked.destination);
    REQUIRE(reply.destination == asked.source);
    REQUIRE(reply.flits == flits_of(reply.kind, reply.bytes, network.header_bytes, network.flit_bytes));
    REQUIRE(reply.journey.start() == asked.journey.start());
    for (std::size_t s = 0; s < reply.journey.stages(); ++s) {
        const metrics::Leaf leaf = reply.journey.leaf(s);
        REQUIRE((leaf == metrics::Leaf::memory_queue || leaf == metrics::Leaf::memory_refresh ||
                 leaf == metrics::Leaf::memory_bank || leaf == metrics::Leaf::memory_bus ||
                 leaf == metrics::Leaf::noc_source_queue));
    }
}

} // namespace intarsia::tests
