// Strong components and short cycles of graphs given by a function that lists a vertex's successors.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace intarsia::noc {

/// A way on from a channel: the next one, and whether packets wait for it or may take it (adaptive lists with escape).
struct Dependency {
    std::uint32_t to = 0;
    bool waits = false;
};

/// The strong component of each vertex (Tarjan, "Depth-first search and linear graph algorithms", 1972), without
/// recursion. `successors(vertex, list)` appends to a vector of Dependency, the same whenever it is asked.
template <class Successors>
std::vector<std::uint32_t> strong_components(std::uint32_t vertices, const Successors& successors) {
    struct Frame {
        std::uint32_t vertex;
        std::size_t first; // of its successors in `edges`
        std::size_t next;
    };
    constexpr std::uint32_t unseen = UINT32_MAX;
    constexpr std::uint32_t assigned = UINT32_MAX - 1;
    std::vector<std::uint32_t> component(vertices);
    std::vector<std::uint32_t> lowest(vertices, unseen); // order of discovery, then the lowest reached; then assigned
    std::vector<std::uint32_t> open;
    std::vector<Frame> frames;
    std::vector<Dependency> edges;
    std::uint32_t seen = 0;
    std::uint32_t components = 0;
    std::vector<std::uint32_t> order; // of discovery, by frame
    const auto enter = [&](std::uint32_t vertex) {
        frames.push_back({vertex, edges.size(), edges.size()});
        order.push_back(seen);
        lowest[vertex] = seen++;
        open.push_back(vertex);
        successors(vertex, edges);
    };
    for (std::uint32_t root = 0; root < vertices; ++root) {
        if (lowest[root] != unseen) {
            continue;
        }
        enter(root);
        while (!frames.empty()) {
            Frame& frame = frames.back();
            const std::uint32_t vertex = frame.vertex;
            if (frame.next < edges.size()) {
                const std::uint32_t to = edges[frame.next++].to;
                if (lowest[to] == unseen) {
                    enter(to);
                } else if (lowest[to] != assigned) {
                    lowest[vertex] = std::min(lowest[vertex], lowest[to]);
                }
                continue;
            }
            const std::uint32_t low = lowest[vertex];
            if (low == order.back()) {
                std::uint32_t member = 0;
                do {
                    member = open.back();
                    open.pop_back();
                    lowest[member] = assigned;
                    component[member] = components;
                } while (member != vertex);
                ++components;
            }
            edges.resize(frame.first);
            frames.pop_back();
            order.pop_back();
            if (!frames.empty() && lowest[vertex] != assigned) {
                lowest[frames.back().vertex] = std::min(lowest[frames.back().vertex], low);
            }
        }
    }
    return component;
}

/// A closed walk with a waiting step, first and last vertex once: a shortest one, unless the graph is so large that the
/// search ends after some 10^8 steps with the shortest found till then. Empty: there is none. `component` comes from
/// strong_components.
template <class Successors>
std::vector<std::uint32_t> short_waiting_cycle(const std::vector<std::uint32_t>& component,
                                               const Successors& successors) {
    constexpr std::uint32_t nobody = UINT32_MAX;
    constexpr std::uint64_t most_steps = 100'000'000;
    std::vector<std::uint32_t> best;
    std::vector<std::uint32_t> before;
    std::vector<std::uint32_t> queue;
    std::vector<Dependency> edges;
    std::uint64_t steps = 0;
    for (std::uint32_t start = 0; start < component.size() && (best.empty() || steps < most_steps); ++start) {
        edges.clear();
        successors(start, edges);
        if (std::none_of(edges.begin(), edges.end(), [&](const Dependency& edge) {
                return edge.waits && component[edge.to] == component[start];
            })) {
            continue;
        }
        before.resize(component.size(), nobody);
        queue.assign(1, start);
        std::size_t depth_end = 1; // in the queue: where vertices one step further begin
        std::size_t depth = 0;
        bool closed = false;
        for (std::size_t head = 0; head < queue.size() && !closed; ++head) {
            if (head == depth_end) {
                depth_end = queue.size();
                ++depth;
            }
            if (!best.empty() && depth + 1 >= best.size()) {
                break;
            }
            const std::uint32_t vertex = queue[head];
            edges.clear();
            successors(vertex, edges);
            steps += edges.size() + 1;
            for (const Dependency& edge : edges) {
                if (component[edge.to] != component[start] || (head == 0 && !edge.waits)) {
                    continue;
                }
                if (edge.to == start) {
                    best.clear();
                    for (std::uint32_t v = vertex; v != start; v = before[v]) {
                        best.push_back(v);
                    }
                    best.push_back(start);
                    std::reverse(best.begin(), best.end());
                    closed = true;
                    break;
                }
                if (before[edge.to] == nobody) {
                    before[edge.to] = vertex;
                    queue.push_back(edge.to);
                }
            }
        }
        for (const std::uint32_t vertex : queue) {
            before[vertex] = nobody;
        }
        if (best.size() == 1) {
            break;
        }
    }
    return best;
}

} // namespace intarsia::noc
