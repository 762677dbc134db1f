#include "d2d/packet_csv.hpp"

#include "config/faults.hpp"

#include <array>
#include <charconv>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <unordered_map>

namespace intarsia::d2d {

namespace {

constexpr std::array<std::string_view, 4> columns{"pkt_id", "src", "bytes", "create_ps"};
enum Column : std::size_t { id_column, source_column, bytes_column, created_column };
// A thousand seconds: far beyond any run, far below what 64 bits hold.
constexpr std::uint64_t latest_ps = 1'000'000'000'000'000;

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r");
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

class Reader {
  public:
    Reader(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

    std::vector<FilePacket> read() {
        if (!read_header()) {
            faults_.throw_if_any();
        }
        std::vector<FilePacket> packets;
        std::array<Picoseconds, 2> last{};
        std::unordered_map<std::uint64_t, std::uint32_t> line_of;
        while (!rest_.empty() && faults_.size() < config::max_faults) {
            const std::string_view line = next_line();
            if (trimmed(line).empty()) {
                continue;
            }
            if (const auto packet = read_row(line, packets.size())) {
                if (packet->created < last[packet->source]) {
                    fault("create_ps runs backwards", "put the packets of an end in order of time");
                }
                const auto [known, is_new] = line_of.emplace(packet->id, line_);
                if (!is_new) {
                    fault(fmt::format("pkt_id {} stands in line {} already", packet->id, known->second),
                          "give each packet an id of its own");
                }
                last[packet->source] = packet->created;
                packets.push_back(*packet);
            }
        }
        if (packets.empty() && faults_.empty()) {
            fault("there are no packets", "give one a line");
        }
        faults_.throw_if_any();
        return packets;
    }

  private:
    std::string_view next_line() {
        ++line_;
        const std::size_t end = rest_.find('\n');
        const std::string_view line = rest_.substr(0, end);
        rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
        return line;
    }

    void fault(std::string message, std::string remedy) {
        faults_.add({name_, line_, 1, ""}, std::move(message), std::move(remedy));
    }

    bool read_header() {
        const std::string_view line = next_line();
        std::size_t place = 0;
        for (std::string_view rest = line; place < max_columns;) {
            const std::size_t comma = rest.find(',');
            const std::string_view title = trimmed(rest.substr(0, comma));
            for (std::size_t column = 0; column < columns.size(); ++column) {
                if (title == columns[column]) {
                    places_[column] = place;
                }
            }
            ++place;
            if (comma == std::string_view::npos) {
                break;
            }
            rest = rest.substr(comma + 1);
        }
        width_ = place;
        for (const Column column : {bytes_column, created_column}) {
            if (!places_[column]) {
                fault(fmt::format("there is no column '{}' in {}", columns[column], config::in_quotes(line)),
                      "the first line is pkt_id,src,bytes,create_ps");
            }
        }
        return faults_.empty();
    }

    std::optional<FilePacket> read_row(std::string_view line, std::size_t number) {
        std::array<std::string_view, max_columns> cells;
        std::size_t count = 0;
        for (std::string_view rest = line; count < max_columns;) {
            const std::size_t comma = rest.find(',');
            cells[count++] = trimmed(rest.substr(0, comma));
            if (comma == std::string_view::npos) {
                break;
            }
            rest = rest.substr(comma + 1);
        }
        if (count != width_) {
            fault(fmt::format("{} values, but {} columns", count, width_), "give each column a value");
            return std::nullopt;
        }
        const auto value = [&](Column column, std::uint64_t absent, std::uint64_t least,
                               std::uint64_t most) -> std::optional<std::uint64_t> {
            if (!places_[column]) {
                return absent;
            }
            const std::string_view cell = cells[*places_[column]];
            std::uint64_t read = 0;
            const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), read);
            if (error != std::errc() || end != cell.data() + cell.size() || read < least || read > most) {
                fault(fmt::format("{} is no valid {}", config::in_quotes(cell), columns[column]),
                      fmt::format("give a whole number from {} to {}", least, most));
                return std::nullopt;
            }
            return read;
        };
        const auto id = value(id_column, number, 0, std::numeric_limits<std::uint64_t>::max());
        const auto source = value(source_column, 0, 0, 1);
        const auto bytes = value(bytes_column, 0, 1, max_packet_bytes);
        const auto created = value(created_column, 0, 0, latest_ps);
        if (!id || !source || !bytes || !created) {
            return std::nullopt;
        }
        return FilePacket{*id, Picoseconds(*created), static_cast<std::uint32_t>(*bytes),
                          static_cast<std::uint8_t>(*source)};
    }

    static constexpr std::size_t max_columns = 16;

    std::string_view rest_;
    std::string name_;
    std::uint32_t line_ = 0;
    std::size_t width_ = 0;
    std::array<std::optional<std::size_t>, columns.size()> places_;
    config::Faults faults_;
};

std::string time_text(Picoseconds time) {
    return time == never ? std::string() : fmt::format("{}", time.count());
}

} // namespace

std::vector<FilePacket> parse_packets(std::string_view text, const std::string& name) {
    return Reader(text, name).read();
}

std::vector<FilePacket> read_packets(const std::string& path) {
    const SourcePlace place{path, 0, 0, ""};
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
        throw InputError({place, "there is no such file", "give a CSV file to --packets"});
    }
    if (!std::filesystem::is_regular_file(path, error)) {
        throw InputError({place, "this is no regular file", "give a CSV file to --packets"});
    }
    if (std::filesystem::file_size(path, error) > max_packet_file_bytes || error) {
        throw InputError({place, "the file has more than 1 GiB", "split it"});
    }
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file.good() && !file.eof()) {
        throw InputError({place, "the file cannot be read", "check its rights"});
    }
    return parse_packets(text, path);
}

std::string packets_csv(const std::vector<FilePacket>& packets, const std::vector<PacketTimes>& times) {
    std::string text = "pkt_id,src,bytes,create_ps,inject_ps,eject_ps,status\n";
    for (std::size_t i = 0; i < packets.size(); ++i) {
        const FilePacket& packet = packets[i];
        const PacketTimes& time = times[i];
        const char* status = time.lost ? "lost" : time.ejected == never ? "waiting" : "delivered";
        text += fmt::format("{},{},{},{},{},{},{}\n", packet.id, packet.source, packet.bytes, packet.created.count(),
                            time_text(time.injected), time_text(time.ejected), status);
    }
    return text;
}

} // namespace intarsia::d2d
