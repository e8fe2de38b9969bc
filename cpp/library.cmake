# One function per kind of target, so that each library's CMakeLists.txt is one line.

# ks_library(name DEPENDS other... LIBRARIES system...): every .cpp below the folder, real and sim parts included.
function(ks_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES;SOURCES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(ks_${name} STATIC ${sources} ${ARG_SOURCES})
  target_include_directories(ks_${name} PUBLIC ${PROJECT_SOURCE_DIR}/cpp ${PROJECT_BINARY_DIR}/generated)
  list(TRANSFORM ARG_DEPENDS PREPEND ks_)
  target_link_libraries(ks_${name} PUBLIC ${ARG_DEPENDS} ${ARG_LIBRARIES})
endfunction()

# ks_tests(name DEPENDS other...): tests/cpp/<name>/**/*_test.cpp become one GoogleTest binary, <name>_test.
function(ks_tests name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES" ${ARGN})
  if(NOT KAFKASCOPE_BUILD_TESTS)
    return()
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/cpp/${name}/*.cpp)
  add_executable(${name}_test ${sources})
  list(TRANSFORM ARG_DEPENDS PREPEND ks_)
  target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR}/tests/cpp)
  target_compile_definitions(${name}_test PRIVATE KS_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
  target_link_libraries(${name}_test PRIVATE ${ARG_DEPENDS} ${ARG_LIBRARIES} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES TIMEOUT 600)
endfunction()
