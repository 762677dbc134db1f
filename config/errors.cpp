#include "config/errors.hpp"

#include <fmt/format.h>

namespace intarsia {

std::string Diagnostic::text(const char* severity) const {
    std::string position = place.file;
    if (place.line > 0) {
        position += fmt::format("{}{}:{}", position.empty() ? "" : ":", place.line, place.column);
    }
    if (!place.where.empty()) {
        position += (position.empty() ? "" : ": ") + place.where;
    }
    return fmt::format("{}{}{}: {}{}{}", position, position.empty() ? "" : ": ", severity, message,
                       remedy.empty() ? "" : "; ", remedy);
}

namespace {
std::string join(const std::vector<Diagnostic>& faults) {
    std::string text;
    for (const Diagnostic& fault : faults) {
        text += (text.empty() ? "" : "\n") + fault.text();
    }
    return text;
}
} // namespace

InputError::InputError(std::vector<Diagnostic> faults) : std::runtime_error(join(faults)), faults_(std::move(faults)) {}

} // namespace intarsia
