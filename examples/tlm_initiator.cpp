// A SystemC platform with Intarsia's HBM behind a TLM-2.0 socket: a processor that knows nothing of the memory fills a
// block, reads it back and looks at what came. Run it with the file of a memory:
//
//     tlm_initiator examples/memory_hbm3.toml
#include "memory/tlm/tlm_stack_module.hpp"

#include <array>
#include <cstdio>
#include <exception>

namespace {

class Processor : public sc_core::sc_module, private tlm::tlm_bw_transport_if<> {
  public:
    explicit Processor(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
        socket.bind(*this);
        SC_HAS_PROCESS(Processor);
        SC_THREAD(run);
    }
    tlm::tlm_initiator_socket<> socket;
    bool correct = false;

  private:
    static constexpr std::uint64_t block_bytes = 64U << 10U;
    using Line = std::array<unsigned char, 256>;

    bool transport(tlm::tlm_command command, std::uint64_t address, Line& line) {
        tlm::tlm_generic_payload payload;
        payload.set_command(command);
        payload.set_address(address);
        payload.set_data_ptr(line.data());
        payload.set_data_length(line.size());
        payload.set_streaming_width(line.size());
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        socket->b_transport(payload, delay);
        sc_core::wait(delay);
        return payload.is_response_ok();
    }
    void run() {
        bool good = true;
        Line line{};
        for (std::uint64_t address = 0; address < block_bytes; address += line.size()) {
            line.fill(static_cast<unsigned char>(address >> 8U));
            good = transport(tlm::TLM_WRITE_COMMAND, address, line) && good;
        }
        const double begin = sc_core::sc_time_stamp().to_seconds();
        std::uint32_t lines = 0;
        for (std::uint64_t address = 0; address < block_bytes; address += line.size(), ++lines) {
            good = transport(tlm::TLM_READ_COMMAND, address, line) && good;
            good = good && line.front() == static_cast<unsigned char>(address >> 8U) && line.back() == line.front();
        }
        const double ns = (sc_core::sc_time_stamp().to_seconds() - begin) * 1e9 / lines;
        std::printf("read back %llu bytes: %s, %.1f ns for each %zu bytes\n",
                    static_cast<unsigned long long>(block_bytes), good ? "correct" : "WRONG", ns, line.size());
        correct = good;
    }
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& /*payload*/, tlm::tlm_phase& /*phase*/,
                                       sc_core::sc_time& /*delay*/) override {
        return tlm::TLM_ACCEPTED; // not used by b_transport
    }
    void invalidate_direct_mem_ptr(sc_dt::uint64 /*begin*/, sc_dt::uint64 /*end*/) override {}
};

} // namespace

int sc_main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: tlm_initiator MEMORY.toml\n");
        return 2;
    }
    try {
        intarsia::memory::TlmStackModule hbm("hbm", intarsia::memory::load_standalone(argv[1]));
        Processor processor("processor");
        processor.socket.bind(hbm.socket);
        sc_core::sc_start();
        return processor.correct ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
}
