# Compiler settings shared by every target, and one function a kind of target.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# Release keeps assert() out and optimises for the hot loops; invariants that guard results are never assert().
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

option(INTARSIA_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

add_library(intarsia_options INTERFACE)
target_compile_options(intarsia_options INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Werror)
target_include_directories(intarsia_options INTERFACE ${CMAKE_SOURCE_DIR})
if(INTARSIA_SANITIZE)
  target_compile_options(intarsia_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all
                                                    -fno-omit-frame-pointer
                                                    # g++ 12 sees ghosts in instrumented library headers
                                                    -Wno-maybe-uninitialized)
  target_link_options(intarsia_options INTERFACE -fsanitize=address,undefined)
endif()

# Debian's library is built as C++17 and exports its version check for that standard only; the override is the one
# its own header provides (sysc/kernel/sc_ver.h).
find_package(PkgConfig REQUIRED)
pkg_check_modules(SYSTEMC REQUIRED systemc)
add_library(intarsia_systemc INTERFACE)
target_compile_definitions(intarsia_systemc INTERFACE SC_CPLUSPLUS=201703L)
target_include_directories(intarsia_systemc SYSTEM INTERFACE ${SYSTEMC_INCLUDE_DIRS})
target_link_libraries(intarsia_systemc INTERFACE systemc Threads::Threads)

# intarsia_library(NAME sources...): one library a folder. Our warnings are not the business of whoever links an
# installed library.
function(intarsia_library name)
  add_library(intarsia_${name} STATIC ${ARGN})
  target_link_libraries(intarsia_${name} PUBLIC $<BUILD_INTERFACE:intarsia_options>)
endfunction()

# intarsia_test(NAME MAIN sources...): one Catch2 program a folder, one process a test case (SystemC allows one
# simulation a process). MAIN is test_main or, for whatever links SystemC, test_main_systemc.
# A test that needs INTARSIA_REFERENCE_DIR says so and is reported as skipped without it (tests/reference.hpp).
function(intarsia_test name main)
  add_executable(test_${name} ${ARGN})
  target_link_libraries(test_${name} PRIVATE ${main})
  target_compile_definitions(test_${name} PRIVATE INTARSIA_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                                                  INTARSIA_PROGRAM="$<TARGET_FILE:intarsia>")
  set_target_properties(test_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_dependencies(test_${name} intarsia)
  catch_discover_tests(test_${name} TEST_PREFIX "${name}: " DISCOVERY_MODE PRE_TEST
                       PROPERTIES TIMEOUT 600 SKIP_REGULAR_EXPRESSION "SKIPPED: ")
endfunction()
