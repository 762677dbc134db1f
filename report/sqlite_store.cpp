#include "report/sqlite_store.hpp"

#include "config/errors.hpp"
#include "report/run_statistics.hpp"

#include <memory>
#include <sqlite3.h>

namespace intarsia::report {

namespace {

// run: the number of the run, so that stores can be put together. INTEGER columns hold values below 2^63; the
// seed may be larger and is text. metrics.value has no type: it is what the statistic is.
constexpr const char* schema_sql = R"(
PRAGMA page_size = 4096;
PRAGMA encoding = 'UTF-8';
PRAGMA auto_vacuum = NONE;
PRAGMA secure_delete = ON;
BEGIN;
CREATE TABLE runs(run INTEGER PRIMARY KEY, schema INTEGER, tool_version TEXT, system TEXT, trace TEXT, seed TEXT,
                  complete INTEGER, incomplete_reason TEXT, time_ps INTEGER);
CREATE TABLE inputs(run INTEGER, file TEXT, xxh64 TEXT);
CREATE TABLE metrics(run INTEGER, path TEXT, name TEXT, unit TEXT, value, description TEXT, formula TEXT);
CREATE TABLE stalls(run INTEGER, chiplet TEXT, stall_group TEXT, leaf TEXT, cycles INTEGER, hidden_cycles INTEGER);
CREATE TABLE core_stalls(run INTEGER, chiplet TEXT, core INTEGER, stall_group TEXT, leaf TEXT, cycles INTEGER);
CREATE TABLE links(run INTEGER, name TEXT, kind TEXT, utilisation REAL, bytes INTEGER, flits INTEGER);
CREATE TABLE channels(run INTEGER, stack TEXT, channel TEXT, read_bytes INTEGER, write_bytes INTEGER,
                      row_hits INTEGER, column_commands INTEGER, bus_busy REAL);
CREATE TABLE accounting(run INTEGER, what TEXT, left_side INTEGER, right_side INTEGER);
CREATE TABLE warnings(run INTEGER, text TEXT);
)";

constexpr std::uint64_t run_number = 1;

[[noreturn]] void fail(sqlite3* database) {
    throw InvariantError(std::string("the result store: ") + sqlite3_errmsg(database));
}

void execute(sqlite3* database, const char* sql) {
    if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        fail(database);
    }
}

// Inserts rows into one table, all starting with the run's number.
class Inserter {
  public:
    Inserter(sqlite3* database, const std::string& table, int columns) : database_(database), columns_(columns) {
        std::string sql = "INSERT INTO " + table + " VALUES(?";
        for (int column = 1; column < columns; ++column) {
            sql += ",?";
        }
        sql += ")";
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
            fail(database);
        }
        statement_.reset(statement);
    }

    template <class... Values>
    void operator()(const Values&... values) {
        require(sizeof...(values) + 1 == static_cast<std::size_t>(columns_), "a row has a value for every column");
        int column = 1;
        bind(column, run_number);
        (bind(++column, values), ...);
        if (sqlite3_step(statement_.get()) != SQLITE_DONE || sqlite3_reset(statement_.get()) != SQLITE_OK) {
            fail(database_);
        }
    }

  private:
    void bind(int column, std::uint64_t value) {
        require(value <= INT64_MAX, "a stored counter is below 2^63");
        check(sqlite3_bind_int64(statement_.get(), column, static_cast<sqlite3_int64>(value)));
    }
    void bind(int column, std::uint32_t value) { bind(column, std::uint64_t{value}); }
    void bind(int column, bool value) { bind(column, std::uint64_t{value}); }
    void bind(int column, double value) { check(sqlite3_bind_double(statement_.get(), column, value)); }
    // The text outlives the step.
    void bind(int column, std::string_view value) {
        check(sqlite3_bind_text64(statement_.get(), column, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8));
    }
    void bind(int column, const std::string& value) { bind(column, std::string_view(value)); }
    void bind(int column, const metrics::StatisticValue& value) {
        std::visit([&](const auto& held) { bind(column, held); }, value);
    }
    void check(int code) {
        if (code != SQLITE_OK) {
            fail(database_);
        }
    }

    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    sqlite3* database_;
    int columns_;
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

void store_run(sqlite3* database, const RunReport& report) {
    Inserter(database, "runs", 9)(report.schema, report.tool_version, report.system, report.trace,
                                  std::to_string(report.seed), report.complete, report.incomplete_reason,
                                  report.time.count());
    Inserter inputs(database, "inputs", 3);
    for (const InputFile& input : report.inputs) {
        inputs(input.file, input.xxh64);
    }
    Inserter metrics(database, "metrics", 7);
    const metrics::Statistics statistics = run_statistics(report);
    for (const metrics::Statistic& statistic : statistics.all()) {
        metrics(statistic.path, statistic.name, statistic.unit, statistic.value, statistic.description,
                statistic.formula);
    }
    Inserter accounting(database, "accounting", 4);
    for (const AccountingEntry& entry : report.accounting) {
        accounting(entry.what, entry.left, entry.right);
    }
    Inserter warnings(database, "warnings", 2);
    for (const std::string& warning : report.warnings) {
        warnings(warning);
    }
}

void store_stalls(sqlite3* database, const RunReport& report) {
    Inserter stalls(database, "stalls", 6);
    Inserter core_stalls(database, "core_stalls", 6);
    for (const ChipletReport& chiplet : report.chiplets) {
        for (std::size_t leaf = 0; leaf < metrics::leaf_count; ++leaf) {
            const metrics::LeafName& name = metrics::leaf_names[leaf];
            stalls(chiplet.name, name.group, name.leaf, chiplet.stalls[leaf], chiplet.hidden[leaf]);
        }
        for (std::size_t core = 0; core < chiplet.stalls_of_cores.size(); ++core) {
            for (std::size_t leaf = 0; leaf < metrics::leaf_count; ++leaf) {
                const std::uint64_t cycles = chiplet.stalls_of_cores[core][leaf];
                if (cycles > 0) {
                    const metrics::LeafName& name = metrics::leaf_names[leaf];
                    core_stalls(chiplet.name, std::uint64_t{core}, name.group, name.leaf, cycles);
                }
            }
        }
    }
}

void store_traffic(sqlite3* database, const RunReport& report) {
    Inserter links(database, "links", 6);
    for (const LinkReport& link : report.links) {
        links(link.name, link_kind_names[static_cast<std::size_t>(link.kind)], link.utilisation, link.bytes,
              link.flits);
    }
    Inserter channels(database, "channels", 8);
    for (const StackReport& stack : report.stacks) {
        for (const ChannelReport& channel : stack.channels) {
            channels(stack.name, channel.name, channel.read_bytes, channel.write_bytes, channel.row_hits,
                     channel.column_commands, channel.bus_busy);
        }
    }
}

struct CloseDatabase {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct FreeBytes {
    void operator()(unsigned char* bytes) const { sqlite3_free(bytes); }
};

} // namespace

std::string sqlite_store(const RunReport& report) {
    // In memory, so that the caller decides how the file appears.
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(":memory:", &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    const std::unique_ptr<sqlite3, CloseDatabase> database(opened);
    if (code != SQLITE_OK) {
        fail(opened);
    }
    execute(opened, schema_sql);
    store_run(opened, report);
    store_stalls(opened, report);
    store_traffic(opened, report);
    execute(opened, "COMMIT");
    sqlite3_int64 size = 0;
    const std::unique_ptr<unsigned char, FreeBytes> bytes(sqlite3_serialize(opened, "main", &size, 0));
    if (bytes == nullptr) {
        fail(opened);
    }
    return {reinterpret_cast<const char*>(bytes.get()), static_cast<std::size_t>(size)};
}

} // namespace intarsia::report
