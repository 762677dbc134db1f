#include "memory/standalone/command_csv.hpp"

#include "config/faults.hpp"
#include "memory/standalone/text_lines.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <string_view>

namespace intarsia::memory {

namespace {

using config::in_quotes;

constexpr std::size_t buffer_bytes = 1U << 18U;
constexpr std::size_t most_shown = 10;
constexpr std::uint64_t most_violations = 1000;
constexpr std::uint64_t most_cycles = std::uint64_t{1} << 60U;

enum Column : std::uint8_t { cycle, channel, pc, sid, bankgroup, bank, row, column, command };
constexpr std::array<std::string_view, 9> column_names = {"cycle", "channel", "pc",     "sid",    "bankgroup",
                                                          "bank",  "row",     "column", "command"};

[[noreturn]] void unwritable(const std::string& path) {
    throw InputError({{path, 0, 0, ""},
                      fmt::format("cannot be written: {}", std::strerror(errno)),
                      "give a path that can be written, with room for the file"});
}

// "12" or "12.5" CK, in ticks.
bool parse_cycle(std::string_view text, Tick& tick) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    const std::string_view fraction = text.substr(dot);
    std::uint64_t cycles = 0;
    if (!parse_number(text.substr(0, dot), cycles) || cycles >= most_cycles ||
        !(fraction.empty() || fraction == ".0" || fraction == ".5")) {
        return false;
    }
    tick = cycles * ticks_per_ck + (fraction == ".5" ? 1 : 0);
    return true;
}

class Checker {
  public:
    Checker(const std::string& path, const TimingSet& timing, RefreshMode refresh, std::uint32_t channels)
        : lines_(path), path_(path), words_(column_names.size() + 1), seen_(channels) {
        for (std::uint32_t c = 0; c < channels; ++c) {
            checkers_.emplace_back(timing, refresh);
        }
    }

    CommandCheck run() {
        std::string_view line;
        bool has_header = false;
        while (faults_.size() < config::max_faults && result_.violations < most_violations && lines_.next(line)) {
            const std::size_t count = split_words(line, words_);
            if (count == 0 || words_[0].front() == '#') {
                continue;
            }
            if (!has_header) {
                has_header = true;
                if (!read_header(count)) {
                    break;
                }
            } else if (lines_.too_long() || count != words_in_line_) {
                fault(fmt::format("{} has not the {} columns of the first line", in_quotes(line), words_in_line_),
                      "write one command a line");
            } else {
                read_command();
            }
        }
        if (!has_header) {
            faults_.add({path_, 0, 0, ""}, "the file holds no commands",
                        fmt::format("begin with the line {}", command_csv_header));
        }
        faults_.throw_if_any();
        finish();
        return std::move(result_);
    }

  private:
    void fault(std::string message, std::string remedy) {
        faults_.add(lines_.place(), std::move(message), std::move(remedy));
    }

    bool read_header(std::size_t count) {
        words_in_line_ = count;
        for (std::size_t word = 0; word < std::min(count, words_.size()); ++word) {
            const auto* const name = std::find(column_names.begin(), column_names.end(), words_[word]);
            if (name == column_names.end()) {
                fault(fmt::format("{} is no column of commands", in_quotes(words_[word])),
                      fmt::format("the first line names the columns {}", command_csv_header));
                continue;
            }
            auto& place = place_of_[static_cast<std::size_t>(name - column_names.begin())];
            if (place) {
                fault(fmt::format("the column {} is named twice", *name), "remove one");
            }
            place = word;
        }
        for (std::size_t c = 0; c < column_names.size(); ++c) {
            if (!place_of_[c] && c != channel && c != sid) {
                fault(fmt::format("the column {} is missing", column_names[c]),
                      fmt::format("the first line names the columns {}", command_csv_header));
            }
        }
        return faults_.empty();
    }

    // A number below 2^bits; where the column is missing, 0.
    template <class Number>
    bool read_number(Column which, Number& number) {
        std::uint64_t value = 0;
        if (const auto word = place_of_[which]) {
            if (!parse_number(words_[*word], value) || value > std::numeric_limits<Number>::max()) {
                fault(fmt::format("{} is no {}", in_quotes(words_[*word]), column_names[which]),
                      fmt::format("give a whole number up to {}", std::uint64_t{std::numeric_limits<Number>::max()}));
                return false;
            }
        }
        number = static_cast<Number>(value);
        return true;
    }

    void read_command() {
        DramCommand read;
        std::uint32_t of_channel = 0;
        const std::string_view when = words_[*place_of_[cycle]];
        const std::string_view what = words_[*place_of_[command]];
        const auto* const kind = std::find(command_names.begin(), command_names.end(), what);
        bool ok = true;
        if (!parse_cycle(when, read.tick)) {
            fault(fmt::format("{} is no cycle", in_quotes(when)), "give a number of CK, with .5 for a falling edge");
            ok = false;
        }
        if (kind == command_names.end()) {
            fault(fmt::format("{} is no DRAM command", in_quotes(what)),
                  fmt::format("the commands are {}", fmt::join(command_names, ", ")));
            ok = false;
        }
        ok = read_number(channel, of_channel) && ok;
        if (of_channel >= checkers_.size()) {
            fault(fmt::format("there is no channel {}", of_channel),
                  fmt::format("the memory has {}; set memory.channels", checkers_.size()));
            ok = false;
        }
        ok = read_number(pc, read.at.pseudo_channel) && ok;
        ok = read_number(sid, read.at.stack_id) && ok;
        ok = read_number(bankgroup, read.at.bank_group) && ok;
        ok = read_number(bank, read.at.bank) && ok;
        ok = read_number(row, read.at.row) && ok;
        ok = read_number(column, read.at.column) && ok;
        if (!ok) {
            return;
        }
        read.kind = static_cast<CommandKind>(kind - command_names.begin());
        ++result_.commands;
        last_tick_ = std::max(last_tick_, read.tick);
        TimingChecker& checker = checkers_[of_channel];
        checker.observe(read);
        take_violations(checker, of_channel);
    }

    void take_violations(const TimingChecker& checker, std::uint32_t of_channel) {
        const std::vector<TimingViolation>& found = checker.violations();
        for (std::size_t& seen = seen_[of_channel]; seen < found.size(); ++seen) {
            if (++result_.violations <= most_shown) {
                result_.first.push_back(
                    fmt::format("{}:{}: channel {}: {}", path_, lines_.line(), of_channel, found[seen].text));
            }
        }
    }

    // Refreshes that are overdue at the last command are violations too.
    void finish() {
        for (std::uint32_t c = 0; c < checkers_.size(); ++c) {
            checkers_[c].finish(last_tick_);
            take_violations(checkers_[c], c);
        }
    }

    TextLines lines_;
    std::string path_;
    std::vector<std::string_view> words_;
    std::size_t words_in_line_ = 0;
    std::array<std::optional<std::size_t>, column_names.size()> place_of_{};
    std::vector<TimingChecker> checkers_;
    std::vector<std::size_t> seen_; ///< violations of each checker that were taken
    Tick last_tick_ = 0;
    CommandCheck result_;
    config::Faults faults_;
};

} // namespace

CommandCsv::CommandCsv(const std::string& path) : path_(path), file_(path, std::ios::binary) {
    if (!file_) {
        unwritable(path_);
    }
    buffer_.reserve(buffer_bytes + 128);
    buffer_ = command_csv_header;
    buffer_ += '\n';
}

void CommandCsv::write(std::uint32_t of_channel, const DramCommand& issued) {
    const BurstAddress& at = issued.at;
    fmt::format_to(std::back_inserter(buffer_), "{}{},{},{},{},{},{},{},{},{}\n", issued.tick / ticks_per_ck,
                   issued.tick % ticks_per_ck != 0 ? ".5" : "", of_channel, at.pseudo_channel, at.stack_id,
                   at.bank_group, at.bank, at.row, at.column, command_names[static_cast<std::size_t>(issued.kind)]);
    if (buffer_.size() >= buffer_bytes) {
        file_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
        buffer_.clear();
    }
}

void CommandCsv::close() {
    file_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    buffer_.clear();
    file_.close();
    if (!file_) {
        unwritable(path_);
    }
}

CommandCheck check_commands(const std::string& path, const TimingSet& timing, RefreshMode refresh,
                            std::uint32_t channels) {
    return Checker(path, timing, refresh, channels).run();
}

} // namespace intarsia::memory
