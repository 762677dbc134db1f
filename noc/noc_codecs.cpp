#include "noc/noc_codecs.hpp"

#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

namespace intarsia::config {

namespace {

constexpr std::uint64_t most_decimals = 1'000'000; ///< ratios written as numbers are exact in millionths

/// A whole number from 1 to `most_decimals` that fills `text`.
std::optional<std::uint64_t> whole(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool good = error == std::errc{} && end == text.data() + text.size() && value >= 1 && value <= most_decimals;
    return good ? std::optional(value) : std::nullopt;
}

noc::Ratio reduced(std::uint64_t numerator, std::uint64_t denominator) {
    const std::uint64_t divisor = std::gcd(numerator, denominator);
    return {static_cast<std::uint32_t>(numerator / divisor), static_cast<std::uint32_t>(denominator / divisor)};
}

std::optional<noc::Ratio> ratio_of(double value) {
    if (!(value >= 1e-6 && value <= 1e3)) {
        return std::nullopt;
    }
    const double millionths = value * static_cast<double>(most_decimals);
    if (std::abs(millionths - std::round(millionths)) > 1e-3) {
        return std::nullopt;
    }
    return reduced(static_cast<std::uint64_t>(std::llround(millionths)), most_decimals);
}

// Words of the enumerations, in their order.
std::vector<std::string> orders() {
    return {"increasing", "decreasing", "fixed"};
}
std::vector<std::string> resets() {
    return {"lowest", "highest", "after_lowest"};
}
std::vector<std::string> advances() {
    return {"on_transfer", "on_grant"};
}

Section<noc::WormholeArbiter> arbiter_section() {
    using A = noc::WormholeArbiter;
    return Section<A>("noc.router.arbiter", "The arbiter of an output of a `wormhole` router.")
        .field("order", &A::order, one_of(orders()),
               "Round robin by increasing or decreasing number of the input port, or always the same first.")
        .field("reset", &A::reset, one_of(resets()), "Which input is first after reset.")
        .field("advance", &A::advance, one_of(advances()), "When the input after the granted one becomes first.")
        .field("hold", &A::hold, flag(), "Whether a grant that was not accepted stays.");
}

} // namespace

std::optional<noc::Ratio> parse_ratio(std::string_view text) {
    if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
        const auto numerator = whole(text.substr(0, slash));
        const auto denominator = whole(text.substr(slash + 1));
        return numerator && denominator ? std::optional(reduced(*numerator, *denominator)) : std::nullopt;
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? ratio_of(value) : std::nullopt;
}

std::optional<noc::Ratio> Codec<noc::Ratio>::read(const Node& node, const Field& field, Context& context) {
    std::optional<noc::Ratio> ratio;
    if (node.is(Node::Kind::text)) {
        ratio = parse_ratio(node.text);
    } else if (node.is(Node::Kind::integer)) {
        ratio = ratio_of(static_cast<double>(node.integer));
    } else if (node.is(Node::Kind::real)) {
        ratio = ratio_of(node.real);
    }
    if (!ratio) {
        context.fault(node, fmt::format("'{}' is no ratio", field.name), ratio_remedy);
    }
    return ratio;
}

std::string Codec<noc::Ratio>::toml(const noc::Ratio& value, const Rule& /*rule*/, const Context& /*context*/) {
    return fmt::format("\"{}/{}\"", value.numerator, value.denominator);
}

std::optional<noc::RouterName> Codec<noc::RouterName>::read(const Node& node, const Field& field, Context& context) {
    if (node.is(Node::Kind::integer) && node.integer >= 0) {
        return noc::RouterName(std::to_string(node.integer));
    }
    const auto name = read_text(node, field, context);
    return name ? std::optional<noc::RouterName>(*name) : std::nullopt;
}

std::string Codec<noc::RouterName>::toml(const noc::RouterName& value, const Rule& /*rule*/,
                                         const Context& /*context*/) {
    return text_toml(value.text);
}

std::optional<noc::ArbiterChoice> Codec<noc::ArbiterChoice>::read(const Node& node, const Field& field,
                                                                  Context& context) {
    noc::ArbiterChoice choice;
    if (node.is(Node::Kind::table)) {
        arbiter_section().read(node, choice.wormhole.emplace(), context);
        return choice;
    }
    choice.vc = Codec<noc::Arbiter>::read(node, field, context);
    return choice.vc ? std::optional(choice) : std::nullopt;
}

std::string Codec<noc::ArbiterChoice>::toml(const noc::ArbiterChoice& value, const Rule& rule,
                                            const Context& /*context*/) {
    if (!value.wormhole) {
        return text_toml(rule.choices[static_cast<std::size_t>(value.vc.value_or(noc::Arbiter::round_robin))]);
    }
    const noc::WormholeArbiter& arbiter = *value.wormhole;
    return fmt::format(R"({{ order = "{}", reset = "{}", advance = "{}", hold = {} }})",
                       orders()[static_cast<std::size_t>(arbiter.order)],
                       resets()[static_cast<std::size_t>(arbiter.reset)],
                       advances()[static_cast<std::size_t>(arbiter.advance)], arbiter.hold);
}

} // namespace intarsia::config
