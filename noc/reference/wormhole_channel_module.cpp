#include "noc/reference/wormhole_channel_module.hpp"

#include "config/errors.hpp"

namespace intarsia::noc::reference {

namespace {

constexpr std::size_t relay_station_flits = 2;

} // namespace

RelayStationModule::RelayStationModule(const sc_core::sc_module_name& name)
    : sc_module(name), cycle("cycle"), edge("edge"), flit_in("flit_in"), ready_out("ready_out"), flit_out("flit_out"),
      ready_in("ready_in") {
    SC_HAS_PROCESS(RelayStationModule);
    SC_METHOD(drive);
    sensitive << cycle;
    dont_initialize();
    SC_METHOD(capture);
    sensitive << edge.pos();
    dont_initialize();
}

bool RelayStationModule::accepts() const {
    return buffer_.size() < relay_station_flits;
}

void RelayStationModule::drive() {
    flit_out.write(buffer_.empty() ? Flit{} : buffer_.front());
    ready_out.write(accepts());
}

void RelayStationModule::capture() {
    const bool takes = flit_in.read().valid && accepts();
    if (!buffer_.empty() && ready_in.read()) {
        buffer_.pop_front();
    }
    if (takes) {
        buffer_.push_back(flit_in.read());
    }
}

CreditLinkModule::CreditLinkModule(const sc_core::sc_module_name& name, std::uint32_t latency)
    : sc_module(name), cycle("cycle"), edge("edge"), flit_in("flit_in"), credit_out("credit_out"), flit_out("flit_out"),
      credit_in("credit_in"), flits_(latency), credits_(latency, false) {
    require(latency >= 1, "a link without latency is a wire");
    SC_HAS_PROCESS(CreditLinkModule);
    SC_METHOD(drive);
    sensitive << cycle;
    dont_initialize();
    SC_METHOD(capture);
    sensitive << edge.pos();
    dont_initialize();
}

void CreditLinkModule::drive() {
    flit_out.write(flits_.front());
    credit_out.write(credits_.front());
}

void CreditLinkModule::capture() {
    flits_.pop_front();
    flits_.push_back(flit_in.read());
    credits_.pop_front();
    credits_.push_back(credit_in.read());
}

} // namespace intarsia::noc::reference
