#include "noc/standalone/curve_axis.hpp"
#include "noc/standalone/curve_plot.hpp"

#include <fmt/format.h>
#include <string_view>

namespace intarsia::noc::standalone {

namespace {

constexpr double page_width = 760;
constexpr double page_height = 640;
constexpr std::string_view mean_colour = "#1f5fa8";
constexpr std::string_view tail_colour = "#c2641c";
constexpr std::string_view saturation_colour = "#b02a37";

std::string escaped(std::string_view text) {
    std::string result;
    for (const char letter : text) {
        switch (letter) {
        case '&':
            result += "&amp;";
            break;
        case '<':
            result += "&lt;";
            break;
        case '>':
            result += "&gt;";
            break;
        default:
            result += static_cast<unsigned char>(letter) < 0x20U ? '?' : letter;
        }
    }
    return result;
}

/// A plot with axes at a place of the page.
class Panel {
  public:
    Panel(double left, double top, double width, double height, double most_x, double most_y)
        : left_(left), top_(top), width_(width), height_(height), most_x_(most_x), most_y_(most_y) {}

    [[nodiscard]] double x(double value) const { return left_ + value / most_x_ * width_; }
    [[nodiscard]] double y(double value) const { return top_ + height_ - value / most_y_ * height_; }

    [[nodiscard]] std::string axes(std::string_view x_label, std::string_view y_label) const {
        std::string text;
        const double bottom = top_ + height_;
        for (const double at : axis_ticks(most_y_, static_cast<int>(height_ / 40))) {
            text += fmt::format("<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{2:.1f}\" y2=\"{1:.1f}\" class=\"grid\"/>\n"
                                "<text x=\"{3:.1f}\" y=\"{4:.1f}\" text-anchor=\"end\">{5:.6g}</text>\n",
                                left_, y(at), left_ + width_, left_ - 8, y(at) + 4, at);
        }
        for (const double at : axis_ticks(most_x_, 8)) {
            text += fmt::format("<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{0:.1f}\" y2=\"{2:.1f}\" class=\"axis\"/>\n"
                                "<text x=\"{0:.1f}\" y=\"{3:.1f}\" text-anchor=\"middle\">{4:.4g}</text>\n",
                                x(at), bottom, bottom + 5, bottom + 20, at);
        }
        text += fmt::format("<path d=\"M{0:.1f} {1:.1f}V{2:.1f}H{3:.1f}\" class=\"axis\"/>\n", left_, top_, bottom,
                            left_ + width_);
        text += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n", left_ + width_ / 2,
                            bottom + 40, x_label);
        return text + fmt::format("<text transform=\"translate({:.1f} {:.1f}) rotate(-90)\" "
                                  "text-anchor=\"middle\">{}</text>\n",
                                  left_ - 52, top_ + height_ / 2, y_label);
    }

    /// A line through points and a mark at each; y beyond the panel is cut at its border by `clip`.
    [[nodiscard]] std::string series(const std::vector<std::pair<double, double>>& points, std::string_view colour,
                                     std::string_view clip) const {
        std::string path;
        std::string marks;
        for (const auto& [px, py] : points) {
            path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x(px), y(py));
            marks += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", x(px), y(py), colour);
        }
        if (path.empty()) {
            return "";
        }
        return fmt::format("<g clip-path=\"url(#{})\">\n<path d=\"{}\" fill=\"none\" stroke=\"{}\" "
                           "stroke-width=\"2\"/>\n{}</g>\n",
                           clip, path, colour, marks);
    }

    [[nodiscard]] std::string clip_area(std::string_view id) const {
        return fmt::format("<clipPath id=\"{}\"><rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
                           "height=\"{:.1f}\"/></clipPath>\n",
                           id, left_ - 4, top_, width_ + 8, height_ + 4);
    }

    [[nodiscard]] std::string vertical(double at, std::string_view label) const {
        const bool left_of_it = x(at) > left_ + width_ * 0.6;
        return fmt::format("<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{0:.1f}\" y2=\"{2:.1f}\" stroke=\"{3}\" "
                           "stroke-dasharray=\"5 4\"/>\n<text x=\"{4:.1f}\" y=\"{5:.1f}\" fill=\"{3}\" "
                           "text-anchor=\"{6}\">{7}</text>\n",
                           x(at), top_, top_ + height_, saturation_colour, x(at) + (left_of_it ? -7 : 7),
                           top_ + height_ - 8, left_of_it ? "end" : "start", label);
    }

    [[nodiscard]] std::string horizontal(double at, std::string_view label) const {
        return fmt::format("<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{2:.1f}\" y2=\"{1:.1f}\" stroke=\"#888\" "
                           "stroke-dasharray=\"2 4\"/>\n<text x=\"{3:.1f}\" y=\"{4:.1f}\" class=\"note\">{5}</text>\n",
                           left_, y(at), left_ + width_, left_ + 8, y(at) - 5, label);
    }

  private:
    double left_;
    double top_;
    double width_;
    double height_;
    double most_x_;
    double most_y_;
};

std::string legend(double x, double y, std::string_view colour, std::string_view label) {
    return fmt::format("<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{2:.1f}\" y2=\"{1:.1f}\" stroke=\"{3}\" "
                       "stroke-width=\"2\"/>\n<circle cx=\"{4:.1f}\" cy=\"{1:.1f}\" r=\"3\" fill=\"{3}\"/>\n"
                       "<text x=\"{5:.1f}\" y=\"{6:.1f}\">{7}</text>\n",
                       x, y, x + 26, colour, x + 13, x + 33, y + 4, label);
}

} // namespace

std::string curve_svg(const NetworkSetup& setup, const CurveFigures& curve) {
    double most_offered = 0;
    double most_accepted = 0;
    std::vector<std::pair<double, double>> means;
    std::vector<std::pair<double, double>> tails;
    std::vector<std::pair<double, double>> accepted;
    for (const PointFigures& point : curve.points) {
        most_offered = std::max(most_offered, point.load);
        most_accepted = std::max(most_accepted, point.accepted);
        accepted.emplace_back(point.load, point.accepted);
        if (has_latency(point)) {
            means.emplace_back(point.load, point.packet_latency.mean);
            tails.emplace_back(point.load, static_cast<double>(point.packet_latency.p99));
        }
    }
    const double limit = stable_factor * curve.zero_load_latency;
    const Panel latency(90, 64, 630, 300, load_span(curve), 1.5 * limit);
    const Panel throughput(90, 448, 630, 130, most_offered, 1.15 * std::max(most_accepted, 1e-6));

    std::string text = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
        "height=\"{1:.0f}\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\" fill=\"#222\">\n"
        "<style>.grid{{stroke:#e4e4e4}}.axis{{stroke:#444;fill:none}}.note{{font-size:11px;fill:#666}}</style>\n"
        "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
        page_width, page_height);
    text += latency.clip_area("upper") + throughput.clip_area("lower");
    text +=
        fmt::format("<text x=\"90\" y=\"28\" font-size=\"16\" font-weight=\"bold\">{}: {} traffic, {} nodes</text>\n",
                    escaped(setup.plan.name.empty() ? "network" : setup.plan.name), escaped(setup.traffic.pattern),
                    setup.grid.nodes);
    text += legend(90, 46, mean_colour, "mean") + legend(170, 46, tail_colour, "99 % of packets");
    text += latency.axes("offered load (flits per node per cycle)", "packet latency (cycles)");
    text += latency.horizontal(limit, fmt::format("{:.0f} times the zero-load latency", stable_factor));
    text += latency.series(tails, tail_colour, "upper") + latency.series(means, mean_colour, "upper");
    text += throughput.axes("offered load (flits per node per cycle)", "accepted");
    text += throughput.series(accepted, mean_colour, "lower");
    if (curve.unstable_load > 0) {
        text += latency.vertical(curve.saturation_load, fmt::format("saturation {:.4g}", curve.saturation_load));
        text += throughput.vertical(curve.saturation_load, "");
    }
    return text + "</svg>\n";
}

} // namespace intarsia::noc::standalone
