#include "harness.hpp"

#include <catch2/catch.hpp>

#include <systemc>

using namespace intarsia;

TEST_CASE("Every model is a module of the package in the SystemC hierarchy") {
    const config::LoadedSystem system = config::load_system("dual_die_cowos");
    tests::WorkloadBuilder builder(2);
    builder.load(0, 4096);
    const workloads::Workload workload = builder.build();
    metrics::EventHook events;
    const models::Package package("package", system.config, workload, events, false);
    for (const char* name :
         {"package", "package.die0", "package.die0.noc", "package.die0.compute", "package.die1.noc",
          "package.die1.compute", "package.hbm0", "package.hbm7", "package.d2d_0", "package.d2d_3"}) {
        CAPTURE(name);
        CHECK(dynamic_cast<sc_core::sc_module*>(sc_core::sc_find_object(name)) != nullptr);
    }
    CHECK(dynamic_cast<memory::HbmStackModule*>(sc_core::sc_find_object("package.hbm0")) != nullptr);
    CHECK(sc_core::sc_find_object("package.hbm8") == nullptr);
}
