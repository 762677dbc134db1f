// The instances of VcEngine that are compiled, one function a source file.
#pragma once

#include "noc/network_engine.hpp"

#include <memory>

namespace intarsia::noc {

// Sets of one machine word, the common router.
std::unique_ptr<NetworkEngine> make_vc_engine_1vc(const NetworkPlan& plan, const SinkOptions& sink);      ///< 32 ports
std::unique_ptr<NetworkEngine> make_vc_engine_2vc(const NetworkPlan& plan, const SinkOptions& sink);      ///< 16 ports
std::unique_ptr<NetworkEngine> make_vc_engine_4vc(const NetworkPlan& plan, const SinkOptions& sink);      ///< 8 ports
std::unique_ptr<NetworkEngine> make_vc_engine_4vc_wide(const NetworkPlan& plan, const SinkOptions& sink); ///< 16 ports
std::unique_ptr<NetworkEngine> make_vc_engine_8vc(const NetworkPlan& plan, const SinkOptions& sink);      ///< 8 ports
/// Bit-sliced: many routers of at most 16 ports and 64 virtual channels, buffers of one depth up to 63.
std::unique_ptr<NetworkEngine> make_plane_engine(const NetworkPlan& plan, const SinkOptions& sink);
// Sets of four words, 64 ports and 256 virtual channels a router.
std::unique_ptr<NetworkEngine> make_vc_engine_wide(const NetworkPlan& plan, const SinkOptions& sink);
/// The general router, the same size.
std::unique_ptr<NetworkEngine> make_vc_engine_general(const NetworkPlan& plan, const SinkOptions& sink);
/// The general router, 64 ports and 1024 virtual channels a router.
std::unique_ptr<NetworkEngine> make_vc_engine_huge(const NetworkPlan& plan, const SinkOptions& sink);

} // namespace intarsia::noc
