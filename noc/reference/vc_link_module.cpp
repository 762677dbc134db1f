#include "noc/reference/vc_link_module.hpp"

#include "config/errors.hpp"

namespace intarsia::noc::reference {

namespace {

constexpr std::uint32_t pin_cycles = 2; // of the two ends

template <class T>
T shift(std::deque<T>& line, const T& entering) {
    line.push_back(entering);
    const T leaving = line.front();
    line.pop_front();
    return leaving;
}

} // namespace

VcLinkModule::VcLinkModule(const sc_core::sc_module_name& name, std::uint32_t latency)
    : sc_module(name), cycle("cycle"), flit_in("flit_in"), flit_out("flit_out"), credit_in("credit_in"),
      credit_out("credit_out") {
    require(latency >= pin_cycles, "a link module has at least the latency of its pins");
    flits_.resize(latency - pin_cycles);
    credits_.resize(latency - pin_cycles, 0);
    SC_HAS_PROCESS(VcLinkModule);
    SC_METHOD(on_cycle);
    sensitive << cycle;
    dont_initialize();
}

void VcLinkModule::on_cycle() {
    flit_out.write(shift(flits_, flit_in.read()));
    credit_out.write(shift(credits_, credit_in.read()));
}

} // namespace intarsia::noc::reference
