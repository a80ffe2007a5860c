/* Programs' files, made byte by byte. */
#ifndef TRACE_IMAGE_H
#define TRACE_IMAGE_H

#include "trace_elf.h"

#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    BASE = 0x400000, /* where the first byte of the file is in memory */
    SIZE = 0x4000,
    TEXT = 0x1000, /* places in the file */
    TEXT_END = 0x1f00,
    TABLE = 0x2000,
    DATA = 0x2800,
    DYNAMIC = 0x3000,
    RELOCATIONS = 0x3200,
    SYMBOLS = 0x3400,
    NAMES = 0x3600,
    SECTION_NAMES = 0x3800,
    SECTIONS = 0x3a00,
};

struct image {
    uint8_t bytes[SIZE];
    unsigned n_sections, name, n_symbols, symbol_name, n_dynamic, n_relocations;
};

static inline void put(struct image *f, size_t at, uint64_t value, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        f->bytes[at + i] = (uint8_t)(value >> (8 * i));
}

static inline bool read_image(void *context, uint64_t offset, void *into, size_t n)
{
    memcpy(into, ((const struct image *)context)->bytes + offset, n);
    return true;
}

static inline struct tool_elf_bytes bytes_of(struct image *f)
{
    return (struct tool_elf_bytes){read_image, f, SIZE};
}

static inline void segment(struct image *f, unsigned i, uint32_t type, uint32_t flags, uint64_t at, uint64_t size)
{
    size_t to = 64 + i * sizeof(Elf64_Phdr);
    put(f, to, type, 4);
    put(f, to + 4, flags, 4);
    put(f, to + 8, at, 8);
    put(f, to + 16, BASE + at, 8);
    put(f, to + 32, size, 8);
    put(f, to + 40, size, 8);
}

static inline void section(struct image *f, const char *name, uint32_t type, uint64_t at, uint64_t size, uint32_t link)
{
    size_t to = SECTIONS + f->n_sections++ * sizeof(Elf64_Shdr);
    memcpy(f->bytes + SECTION_NAMES + f->name, name, strlen(name) + 1);
    put(f, to, f->name, 4);
    put(f, to + 4, type, 4);
    put(f, to + 16, BASE + at, 8);
    put(f, to + 24, at, 8);
    put(f, to + 32, size, 8);
    put(f, to + 40, link, 4);
    f->name += (unsigned)strlen(name) + 1;
    put(f, 60, f->n_sections, 2);
}

static inline void symbol(struct image *f, const char *name, uint64_t at)
{
    size_t to = SYMBOLS + f->n_symbols++ * sizeof(Elf64_Sym);
    memcpy(f->bytes + NAMES + f->symbol_name, name, strlen(name) + 1);
    put(f, to, f->symbol_name, 4);
    f->bytes[to + 4] = ELF64_ST_INFO(STB_LOCAL, STT_FUNC);
    put(f, to + 6, 1, 2);
    put(f, to + 8, BASE + at, 8);
    f->symbol_name += (unsigned)strlen(name) + 1;
}

static inline void dynamic(struct image *f, uint64_t tag, uint64_t value)
{
    put(f, DYNAMIC + f->n_dynamic * 16, tag, 8);
    put(f, DYNAMIC + f->n_dynamic * 16 + 8, value, 8);
    f->n_dynamic++;
}

static inline void relocation(struct image *f, uint64_t at, uint64_t to)
{
    size_t place = RELOCATIONS + f->n_relocations++ * sizeof(Elf64_Rela);
    put(f, place, BASE + at, 8);
    put(f, place + 8, R_X86_64_RELATIVE, 8);
    put(f, place + 16, BASE + to, 8);
}

static inline struct image *image_new(uint16_t type)
{
    struct image *f = calloc(1, sizeof *f);
    assert_non_null(f);
    memcpy(f->bytes, ELFMAG, SELFMAG);
    f->bytes[EI_CLASS] = ELFCLASS64;
    f->bytes[EI_DATA] = ELFDATA2LSB;
    put(f, 16, type, 2);
    put(f, 18, EM_X86_64, 2);
    put(f, 24, BASE + TEXT, 8);
    put(f, 32, 64, 8);
    put(f, 40, SECTIONS, 8);
    put(f, 54, sizeof(Elf64_Phdr), 2);
    put(f, 56, 4, 2);
    put(f, 58, sizeof(Elf64_Shdr), 2);
    segment(f, 0, PT_LOAD, PF_R | PF_X, TEXT, TEXT_END - TEXT);
    segment(f, 1, PT_LOAD, PF_R, TABLE, SIZE - TABLE);
    segment(f, 2, PT_DYNAMIC, PF_R, DYNAMIC, RELOCATIONS - DYNAMIC);
    f->name = 1;
    f->symbol_name = 1;
    section(f, ".shstrtab", SHT_STRTAB, SECTION_NAMES, SECTIONS - SECTION_NAMES, 0); /* number 0, as e_shstrndx says */
    section(f, ".strtab", SHT_STRTAB, NAMES, SECTION_NAMES - NAMES, 0);
    return f;
}

#endif
