// The one hook through which models tell what happens; timelines, waveforms and hop traces are its readers.
#pragma once

#include "config/units.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace intarsia::metrics {

/// From coarse to fine: the level of a filter is the finest kind that it lets through.
enum class EventKind : std::uint8_t { node, tile, transaction, packet, command };
inline constexpr std::array<std::string_view, 5> event_kind_names{"node", "tile", "transaction", "packet", "command"};

enum class EventPhase : std::uint8_t { begin, end };
inline constexpr std::array<std::string_view, 2> event_phase_names{"begin", "end"};

/// Number of a place in the package, given out by EventHook::place().
enum class PlaceId : std::uint32_t {};

/// Begin and end of one thing share kind, place and id. `name` is valid during the call only.
struct Event {
    Picoseconds time;
    std::uint64_t id = 0;
    PlaceId place{};
    EventKind kind = EventKind::node;
    EventPhase phase = EventPhase::begin;
    std::string_view name;
};

/// What a sink wants: events of `level` and coarser whose own time lies in [from, until). A thing that
/// straddles the window therefore shows only its begin or only its end.
struct EventFilter {
    EventKind level = EventKind::command;
    Picoseconds from{0};
    Picoseconds until = never;
};

class EventHook;

/// A reader of events. They come in the order in which modules run, and modules may run ahead of each other,
/// so times are ordered per place only.
class EventSink {
  public:
    virtual ~EventSink() = default;
    virtual void take(const Event& event, const EventHook& hook) = 0;
};

/// Off until a sink is added, and then costs one predictable branch an event.
class EventHook {
  public:
    /// Does anyone read events of this kind? Ask before composing a name.
    [[nodiscard]] bool wants(EventKind kind) const {
        return ((wanted_kinds_ >> static_cast<unsigned>(kind)) & 1U) != 0;
    }

    void begin(EventKind kind, Picoseconds time, PlaceId place, std::uint64_t id, std::string_view name = {}) {
        if (wants(kind)) [[unlikely]] {
            deliver({time, id, place, kind, EventPhase::begin, name});
        }
    }
    void end(EventKind kind, Picoseconds time, PlaceId place, std::uint64_t id, std::string_view name = {}) {
        if (wants(kind)) [[unlikely]] {
            deliver({time, id, place, kind, EventPhase::end, name});
        }
    }

    /// The number of a place such as "die0.core3"; the same name gives the same number.
    PlaceId place(std::string_view name);
    [[nodiscard]] const std::string& place_name(PlaceId place) const;

    /// `sink` outlives the hook's last event.
    void add_sink(EventSink& sink, const EventFilter& filter = {});

  private:
    struct Reader {
        EventSink* sink;
        EventFilter filter;
    };

    void deliver(const Event& event) const;

    std::uint32_t wanted_kinds_ = 0; // bit of EventKind
    std::vector<Reader> readers_;
    std::vector<std::string> places_;
    std::map<std::string, PlaceId, std::less<>> place_ids_;
};

} // namespace intarsia::metrics
