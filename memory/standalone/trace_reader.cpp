#include "memory/standalone/trace_reader.hpp"

#include "config/faults.hpp"
#include "memory/standalone/text_lines.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>

namespace intarsia::memory {

namespace {

using config::in_quotes;

constexpr std::array<std::string_view, 4> format_names = {"cycle,R|W,address", "Ramulator 2 load/store",
                                                          "Ramulator 2 read/write", "DRAMsim3"};
constexpr std::array<std::string_view, 4> line_shapes = {
    "\"cycle,R,address\" or \"cycle,W,address\"", "\"LD address\" or \"ST address\"",
    "\"R\" or \"W\" and channel,pc,bankgroup,bank,row,column (with sid after pc: seven numbers)",
    "\"0xaddress READ cycle\" or \"0xaddress WRITE cycle\""};
constexpr std::uint64_t most_cycles = std::uint64_t{1} << 60U;

// Whether a word asks for a write; nothing for what is no access.
struct Operation {
    std::string_view word;
    bool is_write;
};
constexpr std::array one_letter = {Operation{"R", false}, Operation{"r", false}, Operation{"W", true},
                                   Operation{"w", true}};
constexpr std::array load_store = {Operation{"LD", false}, Operation{"ST", true}};
// DRAMsim3 takes all these as writes and everything else as a read; here what it does not know is refused.
constexpr std::array read_write = {Operation{"READ", false},    Operation{"read", false}, Operation{"P_MEM_RD", false},
                                   Operation{"P_FETCH", false}, Operation{"WRITE", true}, Operation{"write", true},
                                   Operation{"P_MEM_WR", true}, Operation{"BOFF", true}};

template <std::size_t n>
std::optional<bool> operation(const std::array<Operation, n>& known, std::string_view word) {
    const auto found = std::find_if(known.begin(), known.end(), [&](const Operation& o) { return o.word == word; });
    return found == known.end() ? std::nullopt : std::optional(found->is_write);
}

class Reader {
  public:
    Reader(const std::string& path, const TimingSet& timing, const Addressing& addressing)
        : lines_(path), path_(path), timing_(timing), addressing_(addressing), words_(9) {}

    Trace read() {
        std::string_view line;
        bool first = true;
        while (faults_.size() < config::max_faults && lines_.next(line)) {
            const std::size_t count = split_words(line, words_);
            if (count == 0 || words_[0].front() == '#') {
                continue;
            }
            if (lines_.too_long()) {
                fault("the line is too long for a trace", "give a text file with one access a line");
                break;
            }
            if (first && count == 3 && words_[0] == "cycle" && words_[2] == "address") {
                first = false;
                format_ = TraceFormat::cycles;
                continue;
            }
            if (!format_ && !(format_ = detect(count))) {
                fault(fmt::format("{} is a line of no known trace format", in_quotes(line)),
                      fmt::format("the formats are {}", fmt::join(line_shapes, "; ")));
                break;
            }
            first = false;
            read_line(line, count);
        }
        if (faults_.empty() && trace_.accesses.empty()) {
            faults_.add({path_, 0, 0, ""}, "the trace holds no access", "give a file with one access a line");
        }
        faults_.throw_if_any();
        trace_.format = *format_;
        return std::move(trace_);
    }

  private:
    void fault(std::string message, std::string remedy) {
        faults_.add(lines_.place(), std::move(message), std::move(remedy));
    }

    [[nodiscard]] std::optional<TraceFormat> detect(std::size_t count) const {
        if (count == 2 && operation(load_store, words_[0])) {
            return TraceFormat::ramulator_loadstore;
        }
        if ((count == 7 || count == 8) && operation(one_letter, words_[0])) {
            return TraceFormat::ramulator_readwrite;
        }
        if (count == 3 && operation(one_letter, words_[1])) {
            return TraceFormat::cycles;
        }
        if (count == 3 && operation(read_write, words_[1])) {
            return TraceFormat::dramsim3;
        }
        return std::nullopt;
    }

    void read_line(std::string_view line, std::size_t count) {
        TraceAccess access;
        bool ok = false;
        switch (*format_) {
        case TraceFormat::cycles:
            ok = count == 3 && timed(operation(one_letter, words_[1]), words_[0], words_[2], false, access);
            break;
        case TraceFormat::dramsim3:
            ok = count == 3 && timed(operation(read_write, words_[1]), words_[2], words_[0], true, access);
            break;
        case TraceFormat::ramulator_loadstore:
            ok = count == 2 && untimed(operation(load_store, words_[0]), words_[1], access);
            break;
        case TraceFormat::ramulator_readwrite: {
            const auto is_write = operation(one_letter, words_[0]);
            if (is_write && (count == 7 || count == 8)) {
                access.is_write = *is_write;
                read_place(count, access);
                return;
            }
            break;
        }
        }
        if (!ok) {
            const auto format = static_cast<std::size_t>(*format_);
            fault(fmt::format("{} is no line of a {} trace", in_quotes(line), format_names[format]),
                  fmt::format("write {}", line_shapes[format]));
            return;
        }
        add(access);
    }

    bool untimed(std::optional<bool> is_write, std::string_view address_word, TraceAccess& access,
                 bool hexadecimal = false) {
        std::uint64_t address = 0;
        if (!is_write || !parse_number(address_word, address, hexadecimal)) {
            return false;
        }
        access.is_write = *is_write;
        access.burst = address / addressing_.access_bytes();
        if (access.burst >= addressing_.bursts()) {
            access.burst %= addressing_.bursts();
            ++trace_.wrapped;
        }
        return true;
    }

    bool timed(std::optional<bool> is_write, std::string_view cycle_word, std::string_view address_word,
               bool hexadecimal, TraceAccess& access) {
        return parse_number(cycle_word, access.cycle) && access.cycle < most_cycles &&
               untimed(is_write, address_word, access, hexadecimal);
    }

    void read_place(std::size_t count, TraceAccess& access) {
        const bool with_sid = count == 8;
        const std::array<std::uint64_t, 7> limits = {addressing_.channels(), timing_.pseudo_channels, timing_.stack_ids,
                                                     timing_.bank_groups,    timing_.banks_per_group, timing_.rows,
                                                     timing_.columns()};
        constexpr std::array<std::string_view, 7> names = {"channel", "pc",  "sid",   "bankgroup",
                                                           "bank",    "row", "column"};
        std::array<std::uint64_t, 7> values{};
        std::size_t word = 1;
        for (std::size_t field = 0; field < values.size(); ++field) {
            if (field == 2 && !with_sid) {
                continue;
            }
            const std::string_view text = words_[word++];
            if (!parse_number(text, values[field]) || values[field] >= limits[field]) {
                fault(fmt::format("{} is no {} of this memory", in_quotes(text), names[field]),
                      fmt::format("give a {} from 0 to {}", names[field], limits[field] - 1));
                return;
            }
        }
        const Place place{static_cast<std::uint32_t>(values[0]),
                          {static_cast<std::uint32_t>(values[5]), static_cast<std::uint16_t>(values[6]),
                           static_cast<std::uint8_t>(values[1]), static_cast<std::uint8_t>(values[2]),
                           static_cast<std::uint8_t>(values[3]), static_cast<std::uint8_t>(values[4])}};
        access.burst = addressing_.burst_of(place);
        add(access);
    }

    void add(const TraceAccess& access) {
        if (!trace_.accesses.empty() && access.cycle < trace_.accesses.back().cycle) {
            fault(fmt::format("cycle {} comes after cycle {}", access.cycle, trace_.accesses.back().cycle),
                  "sort the trace by cycle");
            return;
        }
        trace_.accesses.push_back(access);
    }

    TextLines lines_;
    std::string path_;
    const TimingSet& timing_;
    const Addressing& addressing_;
    std::vector<std::string_view> words_;
    std::optional<TraceFormat> format_;
    Trace trace_;
    config::Faults faults_;
};

} // namespace

std::string_view name_of(TraceFormat format) {
    return format_names[static_cast<std::size_t>(format)];
}

Trace read_trace(const std::string& path, const TimingSet& timing, const Addressing& addressing) {
    return Reader(path, timing, addressing).read();
}

} // namespace intarsia::memory
