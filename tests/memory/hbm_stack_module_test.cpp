// The SystemC shell: a requester on another clock, credits both ways, and results that no order of modules changes.
#include "memory/hbm_stack_module.hpp"
#include "tests/memory/stack_harness.hpp"

#include <map>
#include <memory>
#include <optional>

using namespace intarsia;
using namespace intarsia::memory;
using namespace intarsia::tests;

namespace {

constexpr std::uint32_t interfaces = 4;
constexpr EndpointId first_endpoint = 40;
constexpr std::uint32_t reply_credits = 3;

// Asks for what a seed says as fast as credits allow, takes replies at once and hands their credits back.
class Requester : public SelfTimedModule {
  public:
    Requester(const sc_core::sc_module_name& name, const AddressMap& map, std::uint32_t channels, std::uint32_t slots,
              std::uint64_t total, std::uint64_t gap, std::uint64_t shuffle_seed)
        : SelfTimedModule(name, Clock(Hertz(1'800'000'000)), shuffle_seed), requests_out("requests_out"),
          credit_in("credit_in"), replies_in("replies_in"), credit_out("credit_out"), map_(&map), channels_(channels),
          total_(total), gap_(gap), slots_(interfaces, slots), credits_(*this, 1024), replies_(*this, 1024),
          random_(21) {
        credit_in(credits_);
        replies_in(replies_);
        start_at(0);
    }

    sc_core::sc_port<DueChannelIf<Packet>> requests_out;
    sc_core::sc_export<DueChannelIf<Credit>> credit_in;
    sc_core::sc_export<DueChannelIf<Packet>> replies_in;
    sc_core::sc_port<DueChannelIf<Credit>> credit_out;

    std::vector<std::pair<std::uint64_t, Picoseconds>> log; ///< transaction and arrival of its reply

  private:
    std::uint64_t activate(std::uint64_t cycle, Picoseconds now) override {
        while (const Credit* credit = credits_.front(now)) {
            REQUIRE(credit->vc == static_cast<std::uint8_t>(MessageClass::request));
            ++slots_[credit->endpoint - first_endpoint];
            credits_.pop();
        }
        while (const Packet* reply = replies_.front(now)) {
            const auto asked = open_.find(reply->transaction);
            REQUIRE(asked != open_.end());
            check_reply(asked->second, *reply, {});
            REQUIRE(reply->journey.end() <= now);
            // Seen at the first edge after the sending, plus two synchroniser edges; then 5 ns to the DRAM.
            REQUIRE(reply->journey.leaf(0) == metrics::Leaf::memory_bus);
            REQUIRE((reply->journey.end_of(0) - reply->journey.start()).count() <= 3 * 313 + 5'000);
            log.emplace_back(reply->transaction, now);
            credit_out->push({reply->source, static_cast<std::uint8_t>(MessageClass::reply)}, now + Picoseconds(1));
            open_.erase(asked);
            replies_.pop();
        }
        while (sent_ < total_ && cycle >= next_send_) {
            if (!pending_) {
                pending_ = random_request(sent_, *map_, random_, now);
            }
            const std::uint32_t interface =
                interface_of_channel(map_->locate(pending_->address).channel, channels_, interfaces);
            if (slots_[interface] == 0) {
                return next_arrival(cycle);
            }
            --slots_[interface];
            pending_->destination = static_cast<EndpointId>(first_endpoint + interface);
            pending_->source = 3;
            pending_->journey = metrics::Journey(now);
            open_[sent_++] = *pending_;
            requests_out->push(*pending_, now + Picoseconds(1));
            pending_.reset();
            next_send_ = cycle + gap_;
        }
        const std::uint64_t next = next_arrival(cycle);
        return sent_ < total_ ? std::min(std::max(next_send_, cycle + 1), next) : next;
    }

    // The next edge at which something that is already here becomes due.
    [[nodiscard]] std::uint64_t next_arrival(std::uint64_t cycle) const {
        const Picoseconds due = std::min(credits_.next_due(), replies_.next_due());
        return due == never ? never_cycle : std::max(clock().first_edge_at_or_after(due), cycle + 1);
    }

    const AddressMap* map_;
    std::uint32_t channels_;
    std::uint64_t total_;
    std::uint64_t gap_;
    std::vector<std::uint32_t> slots_;
    DueInbox<Credit> credits_;
    DueInbox<Packet> replies_;
    std::mt19937_64 random_;
    std::map<std::uint64_t, Packet> open_;
    std::optional<Packet> pending_;
    std::uint64_t sent_ = 0;
    std::uint64_t next_send_ = 0;
};

using Log = std::vector<std::pair<std::uint64_t, Picoseconds>>;

// One simulation in a context of its own: the kernel knows only one a process otherwise.
Log simulate(std::uint64_t total, std::uint64_t gap, std::uint64_t shuffle_seed) {
    sc_core::sc_curr_simcontext = new sc_core::sc_simcontext;
    Log log;
    {
        config::SystemConfig system = one_stack(8);
        config::HbmStackConfig& stack = system.stacks[0];
        const AddressMap map(system);
        StackNetwork network;
        network.interfaces = interfaces;
        network.reply_credits = reply_credits;
        Requester requester("requester", map, stack.channels, stack.controller.request_slots, total, gap, shuffle_seed);
        HbmStackModule module("hbm", stack,
                              {first_endpoint, first_endpoint + 1, first_endpoint + 2, first_endpoint + 3}, network,
                              map, 0, 2, shuffle_seed, true);
        requester.requests_out(module.requests_in);
        module.request_credit_out(requester.credit_in);
        module.replies_out(requester.replies_in);
        requester.credit_out(module.reply_credit_in);
        sc_core::sc_start(40, sc_core::SC_US);
        module.core().audit();
        CHECK(module.core().idle());
        CHECK(module.core().accepted_requests() == total);
        CHECK(module.core().counters(0).refreshes == 2 * 10); // 40 us / 3.9 us, asleep or not
        log = requester.log;
    }
    delete sc_core::sc_curr_simcontext;
    sc_core::sc_curr_simcontext = nullptr;
    return log;
}

} // namespace

TEST_CASE("the module answers every request, whatever the order of modules") {
    const Log log = simulate(4'000, 1, 0);
    CHECK(log.size() == 4'000);
    CHECK((simulate(4'000, 1, 1) == log));
    CHECK((simulate(4'000, 1, 99) == log));
}

TEST_CASE("the module sleeps between requests and wakes for each") {
    const Log log = simulate(40, 1'500, 0);
    REQUIRE(log.size() == 40);
    CHECK((simulate(40, 1'500, 5) == log));
}
