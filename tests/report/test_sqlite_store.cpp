#include "config/errors.hpp"
#include "report/run_statistics.hpp"
#include "report/sqlite_store.hpp"
#include "sample_report.hpp"

#include <catch2/catch.hpp>
#include <cstring>
#include <fstream>
#include <memory>
#include <sqlite3.h>
#include <sstream>

using namespace intarsia;
using namespace intarsia::report;

namespace {

// A store read back.
class Reader {
  public:
    explicit Reader(const std::string& bytes) {
        sqlite3* opened = nullptr;
        REQUIRE(sqlite3_open(":memory:", &opened) == SQLITE_OK);
        database_.reset(opened);
        auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(bytes.size()));
        std::memcpy(copy, bytes.data(), bytes.size());
        const auto size = static_cast<sqlite3_int64>(bytes.size());
        REQUIRE(sqlite3_deserialize(opened, "main", copy, size, size, SQLITE_DESERIALIZE_FREEONCLOSE) == SQLITE_OK);
    }

    // Rows as text, cells joined by '|'.
    std::vector<std::string> rows(const std::string& sql) {
        std::vector<std::string> result;
        const auto add = [](void* into, int columns, char** cells, char** /*names*/) {
            std::string row;
            for (int column = 0; column < columns; ++column) {
                row += (column > 0 ? "|" : "") + std::string(cells[column] == nullptr ? "NULL" : cells[column]);
            }
            static_cast<std::vector<std::string>*>(into)->push_back(row);
            return 0;
        };
        char* error = nullptr;
        const int code = sqlite3_exec(database_.get(), sql.c_str(), add, &result, &error);
        INFO((error == nullptr ? "" : error));
        REQUIRE(code == SQLITE_OK);
        return result;
    }

  private:
    struct Close {
        void operator()(sqlite3* database) const { sqlite3_close(database); }
    };
    std::unique_ptr<sqlite3, Close> database_;
};

using Rows = std::vector<std::string>;

} // namespace

TEST_CASE("run.sqlite is a sound database with the report's rows") {
    Reader reader(sqlite_store(tests::sample_report()));
    CHECK(reader.rows("PRAGMA integrity_check") == Rows{"ok"});
    CHECK(reader.rows("SELECT * FROM runs") == Rows{"1|1|1.2.3|two_dies|traces/step|18000000000000000000|1||1000000"});
    CHECK(reader.rows("SELECT * FROM inputs") ==
          Rows{"1|two_dies.toml|0123456789abcdef", "1|traces/step.0.et|fedcba9876543210"});
    CHECK(reader.rows("SELECT * FROM links WHERE kind = 'd2d'") ==
          Rows{"1|die0-die1|d2d|0.75|96000|750", "1|die1-die0|d2d|0.25|32000|250"});
    CHECK(reader.rows("SELECT * FROM channels") ==
          Rows{"1|hbm0|channel0|400000|100000|50|60|0.625", "1|hbm0|channel1|200000|100000|25|40|0.375"});
    CHECK(reader.rows("SELECT * FROM accounting") == Rows{"1|bytes asked for and delivered|800000|800000"});
    CHECK(reader.rows("SELECT text FROM warnings") == Rows{"hbm0 can carry less than its peak"});
}

TEST_CASE("all statistics are metrics, with their types, units and formulas") {
    const RunReport report = tests::sample_report();
    Reader reader(sqlite_store(report));
    CHECK(reader.rows("SELECT count(*) FROM metrics") == Rows{std::to_string(run_statistics(report).all().size())});
    CHECK(reader.rows("SELECT name, unit, value, typeof(value) FROM metrics WHERE path = 'die0.noc'") ==
          Rows{"packets|1|12|integer", "latency|ns|1.5|real", "routing||xy|text"});
    CHECK(reader.rows("SELECT value, formula FROM metrics WHERE path = 'hbm0' AND name = 'row_hit_rate'") ==
          Rows{"0.75|row_hits / column_commands"});
}

TEST_CASE("stalls of chiplets and cores agree") {
    Reader reader(sqlite_store(tests::sample_report()));
    CHECK(reader.rows("SELECT chiplet, sum(cycles), sum(hidden_cycles), count(*) FROM stalls GROUP BY chiplet") ==
          Rows{"die0|1200|30|22", "die1|1200|30|22"});
    CHECK(reader.rows("SELECT core, sum(cycles) FROM core_stalls WHERE chiplet = 'die1' GROUP BY core") ==
          Rows{"0|600", "1|600"});
    CHECK(reader.rows("SELECT stall_group, leaf, cycles FROM core_stalls WHERE chiplet = 'die0' AND core = 1") ==
          Rows{"computing|matrix|300", "d2d|transit|299", "idle|idle|1"});
    CHECK(reader
              .rows("SELECT chiplet, stall_group, leaf FROM stalls s WHERE cycles != (SELECT "
                    "coalesce(sum(cycles), 0) "
                    "FROM core_stalls c WHERE c.chiplet = s.chiplet AND c.stall_group = s.stall_group AND "
                    "c.leaf = s.leaf)")
              .empty());
}

TEST_CASE("equal reports give the same bytes, whatever was stored before") {
    const std::string first = sqlite_store(tests::sample_report());
    std::mt19937_64 random(3);
    RunReport other = tests::random_report(random);
    other.host = HostReport{1, 2, 3, 4, 5};
    const std::string with_host = sqlite_store(other);
    other.host.reset();
    CHECK(with_host == sqlite_store(other));
    CHECK(first == sqlite_store(tests::sample_report()));
    CHECK(first != with_host);
}

TEST_CASE("a counter that no integer column holds is a bug") {
    RunReport report = tests::sample_report();
    report.links[0].bytes = UINT64_MAX;
    CHECK_THROWS_AS(sqlite_store(report), InvariantError);
}

TEST_CASE("docs/outputs.md explains every table and its columns") {
    std::ostringstream docs;
    docs << std::ifstream(INTARSIA_SOURCE_DIR "/docs/outputs.md").rdbuf();
    Reader reader(sqlite_store(tests::sample_report()));
    const Rows tables = reader.rows("SELECT name FROM sqlite_master WHERE type = 'table'");
    REQUIRE(tables.size() == 9);
    for (const std::string& table : tables) {
        const std::size_t begin = docs.str().find("| `" + table + "` | run");
        INFO(table);
        REQUIRE(begin != std::string::npos);
        const std::string line = docs.str().substr(begin, docs.str().find('\n', begin) - begin);
        for (const std::string& column : reader.rows("SELECT name FROM pragma_table_info('" + table + "')")) {
            INFO(column);
            CHECK(line.find(" " + column) != std::string::npos);
        }
    }
}
