#include "metrics/event_hook.hpp"

#include "config/errors.hpp"

namespace intarsia::metrics {

PlaceId EventHook::place(std::string_view name) {
    if (const auto known = place_ids_.find(name); known != place_ids_.end()) {
        return known->second;
    }
    const auto id = static_cast<PlaceId>(places_.size());
    places_.emplace_back(name);
    place_ids_.emplace(name, id);
    return id;
}

const std::string& EventHook::place_name(PlaceId place) const {
    const auto index = static_cast<std::size_t>(place);
    require(index < places_.size(), "an event's place is registered with its hook");
    return places_[index];
}

void EventHook::add_sink(EventSink& sink, const EventFilter& filter) {
    readers_.push_back({&sink, filter});
    wanted_kinds_ |= (2U << static_cast<unsigned>(filter.level)) - 1;
}

void EventHook::deliver(const Event& event) const {
    for (const Reader& reader : readers_) {
        if (event.kind <= reader.filter.level && event.time >= reader.filter.from && event.time < reader.filter.until) {
            reader.sink->take(event, *this);
        }
    }
}

} // namespace intarsia::metrics
