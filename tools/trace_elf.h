/* ELF files of programs that were started by others: what tracing has to know of one, read from any file at all. */
#ifndef WIRETALE_TOOL_TRACE_ELF_H
#define WIRETALE_TOOL_TRACE_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TOOL_ELF_SEGMENTS = 64,       /* that are looked at; linkers make about ten */
    TOOL_ELF_SECTIONS = 4096,     /* the same; some forty, as a rule */
    TOOL_ELF_TABLE = 256 << 20,   /* bytes: of one table (symbols, names, relocations) that are read */
    TOOL_ELF_SCANNED = 512 << 20, /* bytes: that are searched for something without a name */
};

/* Where the bytes are: a file, or what a test made. False: they could not be read, all of them. */
struct tool_elf_bytes {
    bool (*read)(void *context, uint64_t offset, void *into, size_t n);
    void *context;
    uint64_t size;
};

/* Reads from a file: `context` is its descriptor, an int. */
bool tool_elf_read(void *context, uint64_t offset, void *into, size_t n);

struct tool_elf_part {
    uint64_t offset, address, size; /* in the file; in memory, before it is moved; in the file */
    uint64_t memory;                /* bytes in memory: of segments */
    uint32_t flags, entry_size, link;
};

struct tool_elf {
    struct tool_elf_bytes bytes;
    uint16_t type, machine;
    uint64_t entry;
    bool interpreted; /* it has a dynamic linker */
    unsigned n_segments;
    struct tool_elf_part segments[TOOL_ELF_SEGMENTS];
    struct tool_elf_part dynamic;
    uint64_t sections; /* where their table is; 0: there is none */
    unsigned n_sections;
    struct tool_elf_part section_names;
};

/* 64 bits, least significant byte first: what this is for. False: it is none of these. */
bool tool_elf_open(struct tool_elf *elf, const struct tool_elf_bytes *bytes);

/* The first section of that name. */
bool tool_elf_section(const struct tool_elf *elf, const char *name, struct tool_elf_part *section);

/* All bytes of a part, which the caller frees; NULL where they are none, too many, or not in the file. */
uint8_t *tool_elf_load(const struct tool_elf *elf, const struct tool_elf_part *part);

/* n bytes at an address, as the file has them. */
bool tool_elf_at(const struct tool_elf *elf, uint64_t address, void *into, size_t n);
/* Where in the file that address is. */
bool tool_elf_offset(const struct tool_elf *elf, uint64_t address, uint64_t *offset);
/* Whether code can be there. */
bool tool_elf_is_code(const struct tool_elf *elf, uint64_t address);

/* Whether the dynamic linker loads a library for it whose name begins so. */
bool tool_elf_needs(const struct tool_elf *elf, const char *prefix);

/* Calls for each function that has a name, in .symtab or, without that, .dynsym, until it returns false. */
typedef bool tool_elf_symbol(void *context, const char *name, uint64_t address);
void tool_elf_symbols(const struct tool_elf *elf, tool_elf_symbol *symbol, void *context);

/* What the loader writes into words of a program that it moves. */
struct tool_elf_relocations {
    uint8_t *table;
    size_t n;
};
void tool_elf_relocations(const struct tool_elf *elf, struct tool_elf_relocations *r);
/* The address (before it is moved) that a word at that address will hold. */
bool tool_elf_relocated(const struct tool_elf *elf, const struct tool_elf_relocations *r, uint64_t at, uint64_t *value);
/* The i-th: where it writes, and what. False: it is of another kind. */
bool tool_elf_relocation(const struct tool_elf *elf, const struct tool_elf_relocations *r, size_t i, uint64_t *at,
                         uint64_t *value);

#endif
