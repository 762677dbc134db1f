# Installs BUILD under SCRATCH, builds a copy of the examples against it as a project of its own, runs them and the
# installed program.
cmake_minimum_required(VERSION 3.25)

# run(OUTPUT command...): must succeed; what it prints is in OUTPUT.
function(run output)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE text ERROR_VARIABLE errors RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${result}:\n${text}${errors}")
  endif()
  set(${output} "${text}" PARENT_SCOPE)
endfunction()

# expect(TEXT REGEX): TEXT must match.
function(expect text regex)
  if(NOT text MATCHES "${regex}")
    message(FATAL_ERROR "expected '${regex}' in:\n${text}")
  endif()
endfunction()

file(REMOVE_RECURSE ${SCRATCH})
file(MAKE_DIRECTORY ${SCRATCH})

# To one place, and moved from there: an installed tree does not know where it lies.
run(ignored ${CMAKE_COMMAND} --install ${BUILD} --prefix ${SCRATCH}/first)
file(RENAME ${SCRATCH}/first ${SCRATCH}/prefix)
file(COPY ${SOURCE}/examples DESTINATION ${SCRATCH})

# The public headers stand alone.
file(GLOB_RECURSE headers ${SCRATCH}/prefix/${INCLUDEDIR}/*)
list(LENGTH headers count)
if(count LESS 2)
  message(FATAL_ERROR "the installed headers are: ${headers}")
endif()
foreach(header ${headers})
  file(READ ${header} text)
  if(text MATCHES "#include \"")
    message(FATAL_ERROR "${header} includes a header of ours")
  endif()
endforeach()

if(SANITIZE)
  set(flags -DCMAKE_CXX_FLAGS=-fsanitize=address,undefined)
endif()
run(ignored ${CMAKE_COMMAND} -S ${SCRATCH}/examples -B ${SCRATCH}/build -G ${GENERATOR} -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_PREFIX_PATH=${SCRATCH}/prefix ${flags})
file(STRINGS ${SCRATCH}/build/CMakeCache.txt found REGEX "^intarsia_DIR")
expect("${found}" "${SCRATCH}/prefix/")
run(ignored ${CMAKE_COMMAND} --build ${SCRATCH}/build)

foreach(example embed_network embed_memory)
  run(libraries ldd ${SCRATCH}/build/examples/${example})
  expect("${libraries}" "libstdc..")
  if(libraries MATCHES "systemc")
    message(FATAL_ERROR "${example} needs SystemC:\n${libraries}")
  endif()
endforeach()

run(network ${SCRATCH}/build/examples/embed_network)
expect("${network}" "^9600 reads in [0-9]+ cycles: mean round trip [0-9.]+ cycles, .* 0 packets in flight\n$")
run(again ${SCRATCH}/build/examples/embed_network)
if(NOT network STREQUAL again)
  message(FATAL_ERROR "two runs differ:\n${network}${again}")
endif()
run(memory ${SCRATCH}/build/examples/embed_memory ${SCRATCH}/examples/memory_hbm3.toml)
expect("${memory}" "^copied 1048576 bytes in ")

# The installed program looks for presets beside itself.
file(WRITE ${SCRATCH}/prefix/${DATADIR}/intarsia/presets/noc/only_here.toml
     "[noc]\ntopology = \"mesh\"\ndims = [2, 2]\n[traffic]\nmeasure_cycles = 100\n")
run(program ${SCRATCH}/prefix/${BINDIR}/intarsia noc only_here)
expect("${program}" "4 routers, 4 nodes")

file(REMOVE_RECURSE ${SCRATCH})
