// `intarsia link`, as users call it.
#include "d2d/link_reference.hpp"
#include "d2d/standards.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

using namespace intarsia;
namespace fs = std::filesystem;

namespace {

struct Outcome {
    int exit_code = 0;
    std::string output;
};

/// A folder of its own, and the program run in it.
class Folder {
  public:
    Folder() : path_(fs::temp_directory_path() / ("intarsia_link_" + std::to_string(::getpid()))) {
        fs::create_directories(path_);
        write("link.toml", "[link]\nstandard = \"ucie_advanced\"\nmodules = 4\nlength = \"2 mm\"\n"
                           "[traffic]\npacket_bytes = 64\npackets = 20000\n");
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    void write(const std::string& name, const std::string& text) const { std::ofstream(path_ / name) << text; }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream file(path_ / name);
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }
    [[nodiscard]] bool has(const std::string& name) const { return fs::exists(path_ / name); }
    [[nodiscard]] Outcome link(const std::string& arguments) const {
        const std::string command = "cd " + path_.string() + " && " INTARSIA_PROGRAM " link " + arguments + " 2>&1";
        std::FILE* pipe = ::popen(command.c_str(), "r");
        REQUIRE(pipe != nullptr);
        Outcome outcome;
        std::array<char, 4'096> block{};
        for (std::size_t n = 0; (n = std::fread(block.data(), 1, block.size(), pipe)) > 0;) {
            outcome.output.append(block.data(), n);
        }
        const int status = ::pclose(pipe);
        outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        return outcome;
    }

  private:
    fs::path path_;
};

} // namespace

TEST_CASE("link prints a report, and JSON with all its keys") {
    const Folder folder;
    const Outcome text = folder.link("link.toml");
    INFO(text.output);
    CHECK(text.exit_code == 0);
    CHECK(text.output.find("1024.0 GB/s a direction, 1.555 mm of die edge") != std::string::npos);

    const Outcome run = folder.link("link.toml --json -");
    REQUIRE(run.exit_code == 0);
    const auto json = nlohmann::json::parse(run.output);
    CHECK(json.at("payload_bytes_per_s").get<double>() == Approx(960e9).epsilon(0.005));
    CHECK(json.at("payload_efficiency").get<double>() == Approx(0.9375).epsilon(0.005));
    for (const char* key : {"mean", "min", "p50", "p99", "max"}) {
        CHECK(json.at("latency_ns").at(key).get<double>() >= 2.264);
    }
    CHECK(json.at("replays") == 0);
    CHECK(json.at("delivered") == 20'000);
    CHECK(json.at("lost") == 0);
    CHECK(json.at("out_of_order") == 0);
    double slots = 0;
    for (const auto& [name, share] : json.at("slots").items()) {
        slots += share.get<double>();
    }
    CHECK(slots == Approx(1).epsilon(1e-9));
    CHECK(json.at("energy_pj_per_bit").get<double>() == Approx(0.32).epsilon(0.005));
    CHECK(json.at("edge_mm").get<double>() == Approx(4 * 0.3888));
    CHECK_FALSE(json.contains("host"));
    CHECK(nlohmann::json::parse(folder.link("link.toml --json - --host").output).at("host").contains("wall_s"));
}

TEST_CASE("the same input gives the same bytes, another seed another run") {
    const Folder folder;
    const std::string options = "link.toml --set link.ber=1e-6 --set traffic.arrivals=poisson --set traffic.load=0.7 ";
    CHECK(folder.link(options + "--json a.json").exit_code == 0);
    CHECK(folder.link(options + "--json b.json").exit_code == 0);
    CHECK(folder.link(options + "--set traffic.seed=2 --json c.json").exit_code == 0);
    CHECK(folder.read("a.json") == folder.read("b.json"));
    CHECK(folder.read("a.json") != folder.read("c.json"));
}

TEST_CASE("packets in, packets out") {
    const Folder folder;
    folder.write("in.csv", "pkt_id,src,bytes,create_ps\n1,0,64,0\n2,1,64,100\n");
    const Outcome run = folder.link("link.toml --packets in.csv --packets-out out.csv --json out.json");
    INFO(run.output);
    CHECK(run.exit_code == 0);
    CHECK(folder.read("out.csv") == "pkt_id,src,bytes,create_ps,inject_ps,eject_ps,status\n"
                                    "1,0,64,0,0,2264,delivered\n2,1,64,100,100,2364,delivered\n");
    CHECK(nlohmann::json::parse(folder.read("out.json")).at("delivered") == 2);
}

TEST_CASE("a link that goes down is exit code 4, with its figures") {
    const Folder folder;
    const Outcome run =
        folder.link("link.toml --set link.failing_lanes=50 --set link.failure_time='\"1 us\"' --json down.json");
    CHECK(run.exit_code == 4);
    CHECK(run.output.find("the link is down at") != std::string::npos);
    CHECK(nlohmann::json::parse(folder.read("down.json")).at("state") == "down");
}

TEST_CASE("bad input is exit code 2, and writes nothing") {
    const Folder folder;
    folder.write("bad.csv", "pkt_id,src,bytes,create_ps\n1,0,x,0\n");
    for (const char* arguments :
         {"", "nothing.toml", "link.toml --set link.bre=1", "link.toml --packets bad.csv",
          "link.toml --packets none.csv", "link.toml --packets-out p.csv", "link.toml --set link.ber=2"}) {
        const Outcome run = folder.link(std::string(arguments) + (*arguments == '\0' ? "" : " --json out.json"));
        INFO(arguments << ": " << run.output);
        CHECK(run.exit_code == 2);
        CHECK_FALSE(folder.has("out.json"));
    }
}

TEST_CASE("docs/link_reference.md is what `intarsia link --reference` prints") {
    std::ifstream file(INTARSIA_SOURCE_DIR "/docs/link_reference.md");
    REQUIRE(file.good());
    std::ostringstream text;
    text << file.rdbuf();
    // Regenerate: build/intarsia link --reference > docs/link_reference.md
    CHECK((text.str() == d2d::link_reference()));
    for (const d2d::Standard& standard : d2d::standards()) {
        CHECK(text.str().find("| `" + std::string(standard.name) + "`") != std::string::npos);
    }
}
