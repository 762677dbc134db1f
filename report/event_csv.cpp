#include "report/event_csv.hpp"

#include "report/output_directory.hpp"

#include <cerrno>
#include <fmt/format.h>

namespace intarsia::report {

namespace {

// RFC 4180: a field with a comma, quote or line break stands in quotes, its quotes doubled.
void append_field(fmt::memory_buffer& line, std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
        line.append(text);
        return;
    }
    line.push_back('"');
    for (const char c : text) {
        if (c == '"') {
            line.push_back('"');
        }
        line.push_back(c);
    }
    line.push_back('"');
}

} // namespace

EventCsv::EventCsv(const std::filesystem::path& file) : path_(file), file_(std::fopen(file.c_str(), "wb")) {
    if (file_ == nullptr) {
        throw_output_error(path_, errno);
    }
    failed_ = std::fputs("time_ps,kind,phase,where,id,name\n", file_.get()) < 0;
}

void EventCsv::take(const metrics::Event& event, const metrics::EventHook& hook) {
    fmt::memory_buffer line;
    fmt::format_to(std::back_inserter(line), "{},{},{},", event.time.count(),
                   metrics::event_kind_names[static_cast<std::size_t>(event.kind)],
                   metrics::event_phase_names[static_cast<std::size_t>(event.phase)]);
    append_field(line, hook.place_name(event.place));
    fmt::format_to(std::back_inserter(line), ",{},", event.id);
    append_field(line, event.name);
    line.push_back('\n');
    failed_ |= std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size();
}

void EventCsv::close() {
    failed_ |= std::fclose(file_.release()) != 0;
    if (failed_) {
        throw_output_error(path_, errno);
    }
}

} // namespace intarsia::report
