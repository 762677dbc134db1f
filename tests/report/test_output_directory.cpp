#include "config/errors.hpp"
#include "report/output_directory.hpp"
#include "report/sqlite_store.hpp"
#include "report/summary_json.hpp"
#include "report/write_run.hpp"
#include "sample_report.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <set>
#include <sstream>
#include <sys/resource.h>
#include <unistd.h>

using namespace intarsia;
using namespace intarsia::report;
namespace fs = std::filesystem;

namespace {

// A fresh directory, removed at the end.
class Scratch {
  public:
    Scratch() : path_(fs::temp_directory_path() / ("intarsia_test_out_" + std::to_string(::getpid()))) {
        fs::remove_all(path_);
        fs::create_directories(path_);
    }
    ~Scratch() { fs::remove_all(path_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    [[nodiscard]] const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

std::string content(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

std::set<std::string> files(const fs::path& directory) {
    std::set<std::string> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
        names.insert(entry.path().filename().string());
    }
    return names;
}

// Files of this process may not grow beyond `bytes`, as on a full disk.
class FileSizeLimit {
  public:
    explicit FileSizeLimit(rlim_t bytes) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        handler_ = std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

  private:
    rlimit before_{};
    void (*handler_)(int) = nullptr;
};

} // namespace

TEST_CASE("a run's files appear together, whole, with nothing beside them") {
    const Scratch scratch;
    const fs::path out = scratch.path() / "new" / "directory";
    const RunReport report = tests::sample_report();
    {
        OutputDirectory directory(out);
        std::ofstream(directory.stage("events.csv")) << "time_ps\n";
        CHECK(files(out).count("events.csv") == 0);
        write_run(directory, report, false);
    }
    CHECK(files(out) == std::set<std::string>{"events.csv", "run.sqlite", "summary.json"});
    CHECK(content(out / "summary.json") == summary_json(report, false));
    CHECK(content(out / "run.sqlite") == sqlite_store(report));
    CHECK(content(out / "events.csv") == "time_ps\n");
}

TEST_CASE("files of an earlier run are replaced by a commit only") {
    const Scratch scratch;
    std::ofstream(scratch.path() / "summary.json") << "old";
    {
        OutputDirectory directory(scratch.path());
        directory.put("summary.json", "new");
        CHECK(content(scratch.path() / "summary.json") == "old");
    } // the run ended early
    CHECK(content(scratch.path() / "summary.json") == "old");
    CHECK(files(scratch.path()) == std::set<std::string>{"summary.json"});
    OutputDirectory directory(scratch.path());
    directory.put("summary.json", "new");
    directory.commit();
    CHECK(content(scratch.path() / "summary.json") == "new");
}

TEST_CASE("when writing fails, the earlier files stay and the fault names --out") {
    const Scratch scratch;
    std::ofstream(scratch.path() / "summary.json") << "old summary";
    std::ofstream(scratch.path() / "run.sqlite") << "old store";
    SECTION("no space") {
        const FileSizeLimit limit(2'000); // less than either file
        OutputDirectory directory(scratch.path());
        CHECK_THROWS_WITH(write_run(directory, tests::sample_report(), false), Catch::Contains("--out"));
    }
    SECTION("no space for the last file") {
        const std::string store = sqlite_store(tests::sample_report());
        RunReport report = tests::sample_report();
        report.warnings.assign(1, std::string(2 * store.size(), 'x'));
        OutputDirectory directory(scratch.path());
        directory.put("run.sqlite", store);
        const FileSizeLimit limit(store.size());
        CHECK_THROWS_AS(directory.put("summary.json", summary_json(report, false)), InputError);
    }
    SECTION("the report does not balance") {
        RunReport report = tests::sample_report();
        report.accounting[0].left = 1;
        OutputDirectory directory(scratch.path());
        CHECK_THROWS_AS(write_run(directory, report, false), InvariantError);
    }
    CHECK(content(scratch.path() / "summary.json") == "old summary");
    CHECK(content(scratch.path() / "run.sqlite") == "old store");
    CHECK(files(scratch.path()) == std::set<std::string>{"run.sqlite", "summary.json"});
}

TEST_CASE("a directory that cannot be written is refused at once") {
    const Scratch scratch;
    std::ofstream(scratch.path() / "file") << "content";
    CHECK_THROWS_WITH(OutputDirectory(scratch.path() / "file"), Catch::Contains("--out"));
    CHECK_THROWS_WITH(OutputDirectory(scratch.path() / "file" / "below"), Catch::Contains("--out"));
    CHECK_THROWS_WITH(OutputDirectory("/proc/self/out"), Catch::Contains("--out"));
    fs::create_directories(scratch.path() / "summary.json");
    OutputDirectory directory(scratch.path());
    CHECK_THROWS_AS(directory.put("summary.json", "text"), InputError);
}
