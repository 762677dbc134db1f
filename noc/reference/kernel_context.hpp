// Several SystemC simulations in one process, one after the other or side by side.
#pragma once

#include <memory>
#include <systemc>

namespace intarsia::noc::reference {

/// A simulation context of its own. SystemC 2.3.4 keeps the current one in a public pointer; a network swaps its own in
/// while it builds, runs or takes down modules, and the one that was there before back in afterwards.
class KernelContext {
  public:
    /// While it lives, the context is the current one.
    class Scope {
      public:
        explicit Scope(KernelContext& context) : before_(sc_core::sc_curr_simcontext) {
            sc_core::sc_curr_simcontext = context.context_.get();
        }
        ~Scope() { sc_core::sc_curr_simcontext = before_; }
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;

      private:
        sc_core::sc_simcontext* before_;
    };

    KernelContext() : context_(std::make_unique<sc_core::sc_simcontext>()) {}
    ~KernelContext() {
        // Its destructor looks for itself as the current one.
        const Scope scope(*this);
        context_.reset();
    }
    KernelContext(const KernelContext&) = delete;
    KernelContext& operator=(const KernelContext&) = delete;

  private:
    std::unique_ptr<sc_core::sc_simcontext> context_;
};

} // namespace intarsia::noc::reference
