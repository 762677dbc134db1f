#include "noc/standalone/packet_file.hpp"

#include "config/faults.hpp"
#include "noc/standalone/traffic_config.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <string_view>

namespace intarsia::noc::standalone {

namespace {

constexpr std::size_t max_line = 4'096;
constexpr std::size_t mandatory_columns = 5;
const std::array<std::string_view, 6> column_names{"pkt_id",    "src",          "dst",
                                                   "len_flits", "create_cycle", "message_class"};
enum Column : std::size_t { col_id, col_source, col_destination, col_flits, col_created, col_class };

struct CloseInput {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

/// Lines of a file, of bounded length, so that no input fills the memory.
class Lines {
  public:
    explicit Lines(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "rb")) {
        if (file_ == nullptr) {
            throw InputError({{path, 0, 0, ""},
                              fmt::format("cannot be read: {}", std::strerror(errno)),
                              "give a CSV file of packets"});
        }
    }
    /// The next line without its end, or nothing at the end of the file.
    std::optional<std::string_view> next() {
        line_.clear();
        ++number_;
        for (;;) {
            if (at_ == filled_) {
                filled_ = std::fread(block_.data(), 1, block_.size(), file_.get());
                at_ = 0;
                if (std::ferror(file_.get()) != 0) {
                    throw InputError({{path_, 0, 0, ""}, "cannot be read to its end", "give a CSV file of packets"});
                }
                if (filled_ == 0) {
                    return line_.empty() ? std::nullopt : std::optional(trimmed_end());
                }
            }
            const char* begin = block_.data() + at_;
            const auto* end = static_cast<const char*>(std::memchr(begin, '\n', filled_ - at_));
            const std::size_t length = end == nullptr ? filled_ - at_ : static_cast<std::size_t>(end - begin);
            if (line_.size() + length > max_line) {
                throw InputError({{path_, number_, 1, ""},
                                  fmt::format("the line is longer than {} bytes", max_line),
                                  "give a CSV file of packets, one a line"});
            }
            line_.append(begin, length);
            at_ += length + (end == nullptr ? 0 : 1);
            if (end != nullptr) {
                return trimmed_end();
            }
        }
    }
    [[nodiscard]] std::uint32_t number() const { return number_; }

  private:
    std::string_view trimmed_end() {
        if (!line_.empty() && line_.back() == '\r') {
            line_.pop_back();
        }
        return line_;
    }
    std::string path_;
    std::unique_ptr<std::FILE, CloseInput> file_;
    std::array<char, 65'536> block_{};
    std::size_t at_ = 0;
    std::size_t filled_ = 0;
    std::uint32_t number_ = 0;
    std::string line_;
};

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    return begin == std::string_view::npos ? std::string_view()
                                           : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Calls visit(index, text, column in the line) for each cell.
template <class Visit>
std::size_t for_each_cell(std::string_view line, Visit&& visit) {
    std::size_t index = 0;
    for (std::size_t start = 0; start <= line.size(); ++index) {
        const std::size_t comma = std::min(line.find(',', start), line.size());
        visit(index, trimmed(line.substr(start, comma - start)), static_cast<std::uint32_t>(start + 1));
        start = comma + 1;
    }
    return index;
}

class StimulusReader {
  public:
    StimulusReader(const std::string& file, const NetworkPlan& plan) : file_(file), plan_(plan), lines_(file) {}

    std::vector<StimulusPacket> read() {
        read_header();
        while (const auto line = lines_.next()) {
            if (!trimmed(*line).empty()) {
                read_line(*line);
            }
            if (faults_.size() >= config::max_faults) {
                break;
            }
        }
        faults_.throw_if_any();
        if (packets_.empty()) {
            throw InputError({{file_, 0, 0, ""}, "there are no packets in it", "give at least one below the header"});
        }
        sort_by_id();
        faults_.throw_if_any();
        return std::move(packets_);
    }

  private:
    struct Cell {
        std::string_view text;
        std::uint32_t column = 0;
    };

    void fault(std::uint32_t line, std::uint32_t column, std::string message, std::string remedy) {
        faults_.add({file_, line, column, ""}, std::move(message), std::move(remedy));
    }

    void read_header() {
        auto line = lines_.next();
        if (line && line->starts_with("\xEF\xBB\xBF")) {
            line->remove_prefix(3); // byte order mark
        }
        place_of_.fill(SIZE_MAX);
        columns_ =
            for_each_cell(line.value_or(""), [&](std::size_t index, std::string_view text, std::uint32_t column) {
                const auto known = std::find(column_names.begin(), column_names.end(), text);
                if (known == column_names.end()) {
                    return;
                }
                std::size_t& place = place_of_[static_cast<std::size_t>(known - column_names.begin())];
                if (place != SIZE_MAX) {
                    fault(1, column, fmt::format("column '{}' stands there twice", text), "name each column once");
                }
                place = index;
            });
        for (std::size_t c = 0; c < mandatory_columns; ++c) {
            if (place_of_[c] == SIZE_MAX) {
                fault(1, 1, fmt::format("there is no column '{}'", column_names[c]),
                      "the first line must be pkt_id,src,dst,len_flits,create_cycle");
            }
        }
        faults_.throw_if_any();
    }

    void read_line(std::string_view line) {
        std::array<Cell, column_names.size()> cells;
        const std::size_t count =
            for_each_cell(line, [&](std::size_t index, std::string_view text, std::uint32_t column) {
                for (std::size_t c = 0; c < cells.size(); ++c) {
                    if (place_of_[c] == index) {
                        cells[c] = {text, column};
                    }
                }
            });
        if (count != columns_) {
            fault(lines_.number(), 1, fmt::format("the line has {} columns, and the header {}", count, columns_),
                  "give each column a value");
            return;
        }
        if (packets_.size() == max_stimulus_packets) {
            fault(lines_.number(), 1, fmt::format("there are more than {} packets", max_stimulus_packets),
                  "split the file");
            return;
        }
        const auto nodes = static_cast<std::uint64_t>(plan_.endpoints.size());
        const auto id = number(cells[col_id], col_id, 0, INT64_MAX);
        const auto source = number(cells[col_source], col_source, 0, nodes - 1);
        const auto destination = number(cells[col_destination], col_destination, 0, nodes - 1);
        const auto flits = number(cells[col_flits], col_flits, 1, max_packet_flits);
        const auto created = number(cells[col_created], col_created, 0, max_cycles);
        const auto message_class = place_of_[col_class] == SIZE_MAX
                                       ? std::optional<std::uint64_t>(0)
                                       : number(cells[col_class], col_class, 0, plan_.class_vcs.size() - 1);
        if (id && source && destination && flits && created && message_class) {
            packets_.push_back({*id, *created, static_cast<std::uint32_t>(*flits), static_cast<EndpointId>(*source),
                                static_cast<EndpointId>(*destination), static_cast<std::uint8_t>(*message_class)});
            line_of_.push_back(lines_.number());
        }
    }

    std::optional<std::uint64_t> number(const Cell& cell, Column column, std::uint64_t least, std::uint64_t most) {
        std::uint64_t value = 0;
        const char* end = cell.text.data() + cell.text.size();
        const auto [stopped, error] = std::from_chars(cell.text.data(), end, value);
        const bool is_number = stopped == end && !cell.text.empty() && error != std::errc::invalid_argument;
        if (is_number && error == std::errc() && value >= least && value <= most) {
            return value;
        }
        const std::string what = config::in_quotes(cell.text);
        if (!is_number) {
            fault(lines_.number(), cell.column, fmt::format("{} = {} is no whole number", column_names[column], what),
                  "write plain digits");
        } else if (column == col_source || column == col_destination) {
            fault(lines_.number(), cell.column,
                  fmt::format("{} = {}: there is no such node", column_names[column], what),
                  fmt::format("nodes are 0 to {}", most));
        } else {
            fault(lines_.number(), cell.column, fmt::format("{} = {} is out of range", column_names[column], what),
                  fmt::format("give {} to {}", least, most));
        }
        return std::nullopt;
    }

    void sort_by_id() {
        std::vector<std::uint32_t> order(packets_.size());
        for (std::uint32_t i = 0; i < order.size(); ++i) {
            order[i] = i;
        }
        const auto by_id = [&](std::uint32_t a, std::uint32_t b) {
            return packets_[a].id != packets_[b].id ? packets_[a].id < packets_[b].id : a < b;
        };
        std::sort(order.begin(), order.end(), by_id);
        std::vector<StimulusPacket> sorted;
        sorted.reserve(packets_.size());
        for (std::size_t i = 0; i < order.size(); ++i) {
            const StimulusPacket& packet = packets_[order[i]];
            if (i > 0 && sorted.back().id == packet.id) {
                fault(line_of_[order[i]], 1,
                      fmt::format("pkt_id = {} stands in line {} already", packet.id, line_of_[order[i - 1]]),
                      "give every packet its own id");
            }
            sorted.push_back(packet);
        }
        packets_ = std::move(sorted);
    }

    std::string file_;
    const NetworkPlan& plan_;
    Lines lines_;
    config::Faults faults_;
    std::array<std::size_t, column_names.size()> place_of_{};
    std::size_t columns_ = 0;
    std::vector<StimulusPacket> packets_;
    std::vector<std::uint32_t> line_of_;
};

} // namespace

std::vector<StimulusPacket> read_stimulus(const std::string& file, const NetworkPlan& plan) {
    return StimulusReader(file, plan).read();
}

std::string packets_csv(std::vector<DeliveredPacket> packets, const NetworkPlan& plan) {
    std::sort(packets.begin(), packets.end(),
              [](const DeliveredPacket& a, const DeliveredPacket& b) { return a.packet.id < b.packet.id; });
    const bool with_class = plan.class_vcs.size() > 1;
    std::string text = fmt::format("pkt_id,src,dst,len_flits,create_cycle,inject_head_cycle,inject_tail_cycle,"
                                   "eject_head_cycle,eject_tail_cycle{}\n",
                                   with_class ? ",message_class" : "");
    for (const DeliveredPacket& d : packets) {
        fmt::format_to(std::back_inserter(text), "{},{},{},{},{},{},{},{},{}", d.packet.id, d.packet.source,
                       d.packet.destination, d.packet.flits, d.packet.created, d.inject_head, d.inject_tail,
                       d.eject_head, d.eject_tail);
        if (with_class) {
            fmt::format_to(std::back_inserter(text), ",{}", d.packet.message_class);
        }
        text += '\n';
    }
    return text;
}

HopFile::HopFile(const std::filesystem::path& path, const NetworkPlan& plan, std::string option)
    : plan_(plan), path_(path), option_(std::move(option)), file_(std::fopen(path.c_str(), "wb")) {
    if (file_ == nullptr || std::fputs("cycle,router,out_port,pkt_id,flit\n", file_.get()) < 0) {
        fail();
    }
}

void HopFile::write() {
    fmt::memory_buffer text;
    for (const FlitHop& hop : hops_) {
        const std::string& port = plan_.routers[hop.router].ports[hop.port].name;
        const char* quote = port.find(',') == std::string::npos ? "" : "\"";
        fmt::format_to(std::back_inserter(text), "{},{},{}{}{},{},{}\n", hop.cycle, hop.router, quote, port, quote,
                       ids_.empty() ? hop.packet : ids_[hop.packet], hop.flit);
    }
    hops_.clear();
    if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) {
        fail();
    }
}

void HopFile::close() {
    write();
    if (std::fclose(file_.release()) != 0) {
        fail();
    }
}

void HopFile::fail() const {
    throw InputError({{"", 0, 0, option_},
                      fmt::format("cannot write '{}': {}", path_.string(), std::strerror(errno)),
                      "give a file that can be written, on a disk with space"});
}

} // namespace intarsia::noc::standalone
