// events.csv: every event of the run that passes the filter, one a line.
#pragma once

#include "metrics/event_hook.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>

namespace intarsia::report {

/// Streams events to a file (a staged one of the OutputDirectory) as `time_ps,kind,phase,where,id,name`.
class EventCsv : public metrics::EventSink {
  public:
    /// Throws InputError (naming --out) when the file cannot be written.
    explicit EventCsv(const std::filesystem::path& file);

    void take(const metrics::Event& event, const metrics::EventHook& hook) override;

    /// Writes what is buffered and closes. Throws InputError when anything could not be written. Called once,
    /// after the last event; a sink destroyed without it leaves an unfinished file.
    void close();

  private:
    struct CloseFile {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::filesystem::path path_;
    std::unique_ptr<std::FILE, CloseFile> file_;
    bool failed_ = false;
};

} // namespace intarsia::report
