#include "noc/standalone/curve_plot.hpp"
#include "noc/standalone/curve_axis.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace intarsia::noc::standalone {

namespace {

/// Dots of two by four a character (Unicode block "Braille Patterns").
class Canvas {
  public:
    Canvas(std::size_t columns, std::size_t rows) : columns_(columns), cells_(columns * rows) {}
    [[nodiscard]] std::size_t width() const { return columns_ * 2; }
    [[nodiscard]] std::size_t height() const { return cells_.size() / columns_ * 4; }

    /// x from the left, y from the bottom; what lies outside is left out.
    void dot(double x, double y) {
        if (x < 0 || y < 0) {
            return;
        }
        const auto column = static_cast<std::size_t>(x);
        const auto line = static_cast<std::size_t>(y);
        if (column >= width() || line >= height()) {
            return;
        }
        const std::size_t row = height() - 1 - line;
        constexpr std::array<std::array<std::uint8_t, 2>, 4> bits{
            {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}};
        cells_[row / 4 * columns_ + column / 2] |= bits[row % 4][column % 2];
    }
    void line(double x0, double y0, double x1, double y1) {
        const auto steps = static_cast<int>(std::ceil(std::max({std::abs(x1 - x0), std::abs(y1 - y0), 1.0})));
        for (int i = 0; i <= steps; ++i) {
            dot(x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps);
        }
    }
    [[nodiscard]] std::string row(std::size_t number) const {
        std::string text;
        for (std::size_t c = 0; c < columns_; ++c) {
            const std::uint8_t cell = cells_[number * columns_ + c];
            // U+2800 + cell in UTF-8
            text += '\xE2';
            text += static_cast<char>(0xA0 | cell >> 6U);
            text += static_cast<char>(0x80 | (cell & 0x3FU));
        }
        return text;
    }

  private:
    std::size_t columns_;
    std::vector<std::uint8_t> cells_;
};

} // namespace

std::string curve_braille(const CurveFigures& curve) {
    constexpr std::size_t columns = 60;
    constexpr std::size_t rows = 14;
    Canvas canvas(columns, rows);
    const double most_load = load_span(curve);
    const double most_latency = 1.1 * stable_factor * curve.zero_load_latency;
    const auto x_of = [&](double load) { return load / most_load * static_cast<double>(canvas.width() - 1); };
    const auto y_of = [&](double latency) { return latency / most_latency * static_cast<double>(canvas.height() - 1); };
    const PointFigures* before = nullptr;
    for (const PointFigures& point : curve.points) {
        if (!has_latency(point)) {
            continue;
        }
        const double x = x_of(point.load);
        const double y = y_of(point.packet_latency.mean);
        if (before != nullptr) {
            canvas.line(x_of(before->load), y_of(before->packet_latency.mean), x, y);
        }
        for (const double side : {-1.0, 0.0, 1.0}) {
            canvas.dot(x + side, y);
            canvas.dot(x, y + side);
        }
        before = &point;
    }
    if (curve.unstable_load > 0) {
        for (std::size_t line = 0; line < canvas.height(); line += 4) {
            const auto y = static_cast<double>(line);
            canvas.dot(x_of(curve.saturation_load), y);
            canvas.dot(x_of(curve.saturation_load), y + 1);
        }
    }

    std::string text = "  mean packet latency in cycles\n";
    const std::vector<double> latency_ticks = axis_ticks(most_latency, 6);
    for (std::size_t r = 0; r < rows; ++r) {
        const auto row_of = [&](double latency) { return rows - 1 - static_cast<std::size_t>(y_of(latency)) / 4; };
        std::string label;
        for (const double at : latency_ticks) {
            label = row_of(at) == r ? fmt::format("{:.6g}", at) : label;
        }
        text += fmt::format("{:>8} {}{}\n", label, label.empty() ? "│" : "┤", canvas.row(r));
    }
    std::string axis;
    std::string labels(columns + 16, ' ');
    for (std::size_t c = 0; c < columns; ++c) {
        axis += "─";
    }
    for (const double at : axis_ticks(most_load, 6)) {
        const auto column = static_cast<std::size_t>(x_of(at) / 2);
        const std::string label = fmt::format("{:.4g}", at);
        labels.replace(column, label.size(), label);
    }
    labels.erase(labels.find_last_not_of(' ') + 1);
    text += fmt::format("         └{}\n          {}\n", axis, labels);
    return text + "          offered load in flits a node a cycle; dotted: saturation\n";
}

} // namespace intarsia::noc::standalone
