# embed(OUT name folder ext): every folder/*.ext becomes a NUL-terminated
# text in one generated C file, listed by <name>.h:
#   struct embedded { const char *name; const char *text; size_t len; };
#   extern const struct embedded embedded_<name>[]; sorted by file name, ended
#   by an entry whose name is NULL; and one `extern const char <name>_<stem>[]`
#   per file, '-' and '.' in the stem becoming '_'.
function(embed out name folder ext)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.${ext})
  list(SORT files)
  set(c ${CMAKE_BINARY_DIR}/embedded/${name}.c)
  add_custom_command(OUTPUT ${c} ${CMAKE_BINARY_DIR}/embedded/${name}.h
    COMMAND ${CMAKE_COMMAND} -DNAME=${name} "-DFILES=${files}"
      -DOUT=${CMAKE_BINARY_DIR}/embedded
      -P ${CMAKE_SOURCE_DIR}/common/embed-files.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/common/embed-files.cmake
    COMMENT "Embedding ${folder}/*.${ext}" VERBATIM)
  set(${out} ${c} ${CMAKE_BINARY_DIR}/embedded/${name}.h PARENT_SCOPE)
endfunction()
