// A simulator that embeds Intarsia's network: 48 processors on an 8x8 mesh read from 16 memories, four reads each in
// flight. A read is a packet of one flit (message class 0); its memory answers after 20 cycles with five flits (message
// class 1). Build it against the library and run it; it needs no file.
#include "intarsia/network.hpp"

#include <cstdio>
#include <exception>
#include <map>

namespace {

constexpr const char* mesh = R"(
[noc]
topology = "mesh"
dims = [8, 8]
virtual_channels = 4
message_classes = 2
[traffic]
request_reply = true     # has the proof look at requests that wait for replies
)";
constexpr std::uint64_t memory_cycles = 20;
constexpr std::uint64_t reads_each = 200;
constexpr std::uint64_t window = 4;

/// The first and the last row of the mesh.
bool is_memory(std::uint32_t node) {
    return node < 8 || node >= 56;
}

class Machine {
  public:
    void run() {
        for (std::uint32_t node = 0; node < network_.node_count(); ++node) {
            for (std::uint64_t i = 0; i < window && !is_memory(node); ++i) {
                read(node);
            }
        }
        while (completed_ < issued_) {
            // Until a packet arrives, or a memory has an answer: whichever is first.
            const std::uint64_t next_answer = answers_.empty() ? intarsia::Network::never : answers_.begin()->first;
            network_.advance_to_delivery(next_answer);
            while (const auto packet = network_.poll()) {
                receive(*packet);
            }
            while (!answers_.empty() && answers_.begin()->first <= network_.now()) {
                network_.inject(answers_.begin()->second);
                answers_.erase(answers_.begin());
            }
        }
    }

    void print() const {
        std::uint64_t stalled = 0;
        std::uint64_t busiest = 0;
        for (std::uint32_t router = 0; router < network_.router_count(); ++router) {
            for (std::uint32_t port = 0; port < network_.port_count(router); ++port) {
                const intarsia::Network::PortCounters counters = network_.counters(router, port);
                const std::uint64_t flits = counters.flits[0] + counters.flits[1];
                busiest = flits > busiest ? flits : busiest;
                stalled += counters.no_vc + counters.no_credit + counters.lost_allocation;
            }
        }
        const auto cycles = static_cast<double>(network_.now());
        std::printf("%llu reads in %llu cycles: mean round trip %.1f cycles, busiest channel %.1f %%, "
                    "%llu flit-cycles stalled, %llu packets in flight\n",
                    static_cast<unsigned long long>(completed_), static_cast<unsigned long long>(network_.now()),
                    static_cast<double>(round_trips_) / static_cast<double>(completed_),
                    100 * static_cast<double>(busiest) / cycles, static_cast<unsigned long long>(stalled),
                    static_cast<unsigned long long>(network_.in_flight()));
    }

  private:
    void read(std::uint32_t node) {
        const std::uint64_t n = issued_++;
        const auto memory = static_cast<std::uint32_t>((n * 7 + node) % 16);
        begun_[n] = network_.now();
        ++reads_of_[node];
        network_.inject({n, node, memory < 8 ? memory : 48 + memory, 1, 0, 0});
    }

    void receive(const intarsia::Network::Delivery& packet) {
        if (packet.message_class == 0) {
            answers_.insert(
                {packet.eject_tail + memory_cycles, {packet.id, packet.destination, packet.source, 5, 1, 0}});
            return;
        }
        ++completed_;
        round_trips_ += packet.eject_tail - begun_[packet.id];
        begun_.erase(packet.id);
        if (reads_of_[packet.destination] < reads_each) {
            read(packet.destination);
        }
    }

    intarsia::Network network_ = intarsia::Network::from_text(mesh);
    std::multimap<std::uint64_t, intarsia::Network::Packet> answers_; // by the cycle in which a memory sends them
    std::map<std::uint64_t, std::uint64_t> begun_;                    // by read: its cycle
    std::map<std::uint32_t, std::uint64_t> reads_of_;                 // by processor
    std::uint64_t issued_ = 0;
    std::uint64_t completed_ = 0;
    std::uint64_t round_trips_ = 0;
};

} // namespace

int main() {
    try {
        Machine machine;
        machine.run();
        machine.print();
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
}
