/* An ELF file, with nothing believed of what it says. */
#include "trace_elf.h"

#include "memory.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t word(const uint8_t *p, unsigned n)
{
    uint64_t v = 0;
    for (unsigned i = n; i-- > 0;)
        v = v << 8 | p[i];
    return v;
}

bool tool_elf_read(void *context, uint64_t offset, void *into, size_t n)
{
    const int *fd = context;
    char *to = into;
    while (n > 0) {
        ssize_t got = pread(*fd, to, n, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        offset += (uint64_t)got;
        n -= (size_t)got;
    }
    return true;
}

static bool get(const struct tool_elf *elf, uint64_t offset, void *into, size_t n)
{
    const struct tool_elf_bytes *b = &elf->bytes;
    return offset <= b->size && n <= b->size - offset && b->read(b->context, offset, into, n);
}

static void read_segments(struct tool_elf *elf, uint64_t at, unsigned n, unsigned size)
{
    uint8_t raw[sizeof(Elf64_Phdr)];
    for (unsigned i = 0; i < n && get(elf, at + (uint64_t)i * size, raw, sizeof raw); i++) {
        struct tool_elf_part part = {.flags = (uint32_t)word(raw + 4, 4),
                                     .offset = word(raw + 8, 8),
                                     .address = word(raw + 16, 8),
                                     .size = word(raw + 32, 8),
                                     .memory = word(raw + 40, 8)};
        uint32_t type = (uint32_t)word(raw, 4);
        if (type == PT_INTERP)
            elf->interpreted = true;
        if (type == PT_DYNAMIC)
            elf->dynamic = part;
        if (type == PT_LOAD && elf->n_segments < TOOL_ELF_SEGMENTS)
            elf->segments[elf->n_segments++] = part;
    }
}

static bool section_at(const struct tool_elf *elf, unsigned i, struct tool_elf_part *part, uint32_t *name,
                       uint32_t *type)
{
    uint8_t raw[sizeof(Elf64_Shdr)];
    if (i >= elf->n_sections || !get(elf, elf->sections + (uint64_t)i * sizeof raw, raw, sizeof raw))
        return false;
    *name = (uint32_t)word(raw, 4);
    *type = (uint32_t)word(raw + 4, 4);
    *part = (struct tool_elf_part){.flags = (uint32_t)word(raw + 8, 8),
                                   .address = word(raw + 16, 8),
                                   .offset = word(raw + 24, 8),
                                   .size = word(raw + 32, 8),
                                   .link = (uint32_t)word(raw + 40, 4),
                                   .entry_size = (uint32_t)word(raw + 56, 8)};
    return true;
}

bool tool_elf_open(struct tool_elf *elf, const struct tool_elf_bytes *bytes)
{
    uint8_t raw[sizeof(Elf64_Ehdr)];
    uint32_t name, type;
    *elf = (struct tool_elf){.bytes = *bytes};
    if (!get(elf, 0, raw, sizeof raw) || memcmp(raw, ELFMAG, SELFMAG) != 0 || raw[EI_CLASS] != ELFCLASS64 ||
        raw[EI_DATA] != ELFDATA2LSB)
        return false;
    elf->type = (uint16_t)word(raw + 16, 2);
    elf->machine = (uint16_t)word(raw + 18, 2);
    elf->entry = word(raw + 24, 8);
    if (elf->type != ET_EXEC && elf->type != ET_DYN)
        return false;
    uint64_t segments = word(raw + 32, 8), sections = word(raw + 40, 8);
    unsigned size = (unsigned)word(raw + 54, 2), n = (unsigned)word(raw + 56, 2);
    if (size >= sizeof(Elf64_Phdr) && segments <= bytes->size)
        read_segments(elf, segments, n, size);
    n = (unsigned)word(raw + 60, 2);
    if (word(raw + 58, 2) == sizeof(Elf64_Shdr) && sections > 0 && sections < bytes->size) {
        elf->sections = sections;
        elf->n_sections = n < TOOL_ELF_SECTIONS ? n : TOOL_ELF_SECTIONS;
        if (!section_at(elf, (unsigned)word(raw + 62, 2), &elf->section_names, &name, &type))
            elf->n_sections = 0;
    }
    return true;
}

bool tool_elf_section(const struct tool_elf *elf, const char *name, struct tool_elf_part *section)
{
    char found[64];
    uint32_t at, type;
    size_t n = strlen(name) + 1;
    for (unsigned i = 0; n <= sizeof found && i < elf->n_sections && section_at(elf, i, section, &at, &type); i++)
        if (type != SHT_NOBITS && at < elf->section_names.size && n <= elf->section_names.size - at &&
            get(elf, elf->section_names.offset + at, found, n) && memcmp(found, name, n) == 0)
            return true;
    return false;
}

uint8_t *tool_elf_load(const struct tool_elf *elf, const struct tool_elf_part *part)
{
    uint8_t *bytes;
    /* what is longer than the file takes no memory, either */
    if (part->size == 0 || part->size > TOOL_ELF_TABLE || part->size > elf->bytes.size ||
        !(bytes = tool_checked(malloc((size_t)part->size))))
        return NULL;
    if (!get(elf, part->offset, bytes, (size_t)part->size)) {
        free(bytes);
        return NULL;
    }
    return bytes;
}

bool tool_elf_at(const struct tool_elf *elf, uint64_t address, void *into, size_t n)
{
    for (unsigned i = 0; i < elf->n_segments; i++) {
        const struct tool_elf_part *s = &elf->segments[i];
        if (address >= s->address && address - s->address <= s->size && n <= s->size - (address - s->address))
            return get(elf, s->offset + (address - s->address), into, n);
    }
    return false;
}

bool tool_elf_offset(const struct tool_elf *elf, uint64_t address, uint64_t *offset)
{
    for (unsigned i = 0; i < elf->n_segments; i++) {
        const struct tool_elf_part *s = &elf->segments[i];
        if (address >= s->address && address - s->address < s->size) {
            *offset = s->offset + (address - s->address);
            return true;
        }
    }
    return false;
}

bool tool_elf_is_code(const struct tool_elf *elf, uint64_t address)
{
    for (unsigned i = 0; i < elf->n_segments; i++) {
        const struct tool_elf_part *s = &elf->segments[i];
        if ((s->flags & PF_X) && address >= s->address && address - s->address < s->size)
            return true;
    }
    return false;
}

/* -------------------------------------------------------------------------------------------------- dynamic linking */

static bool dynamic_value(const uint8_t *table, size_t size, int64_t tag, uint64_t *value)
{
    for (size_t i = 0; i + 16 <= size && word(table + i, 8) != DT_NULL; i += 16)
        if (word(table + i, 8) == (uint64_t)tag) {
            *value = word(table + i + 8, 8);
            return true;
        }
    return false;
}

bool tool_elf_needs(const struct tool_elf *elf, const char *prefix)
{
    uint8_t *table = tool_elf_load(elf, &elf->dynamic);
    uint64_t strings;
    char name[64];
    size_t n = strlen(prefix), size = (size_t)elf->dynamic.size;
    bool needs = false;
    if (table && n <= sizeof name && dynamic_value(table, size, DT_STRTAB, &strings))
        for (size_t i = 0; !needs && i + 16 <= size && word(table + i, 8) != DT_NULL; i += 16)
            needs = word(table + i, 8) == DT_NEEDED && tool_elf_at(elf, strings + word(table + i + 8, 8), name, n) &&
                    memcmp(name, prefix, n) == 0;
    free(table);
    return needs;
}

void tool_elf_relocations(const struct tool_elf *elf, struct tool_elf_relocations *r)
{
    uint8_t *table = tool_elf_load(elf, &elf->dynamic);
    uint64_t at, size;
    *r = (struct tool_elf_relocations){0};
    if (table && dynamic_value(table, (size_t)elf->dynamic.size, DT_RELA, &at) &&
        dynamic_value(table, (size_t)elf->dynamic.size, DT_RELASZ, &size) && size <= TOOL_ELF_TABLE &&
        size <= elf->bytes.size && size > 0 && (r->table = tool_checked(malloc((size_t)size)))) {
        if (tool_elf_at(elf, at, r->table, (size_t)size)) {
            r->n = (size_t)size / sizeof(Elf64_Rela);
        } else {
            free(r->table);
            r->table = NULL;
        }
    }
    free(table);
}

bool tool_elf_relocation(const struct tool_elf *elf, const struct tool_elf_relocations *r, size_t i, uint64_t *at,
                         uint64_t *value)
{
    const uint8_t *raw = r->table + i * sizeof(Elf64_Rela);
    uint32_t type = (uint32_t)word(raw + 8, 4);
    *at = word(raw, 8);
    *value = word(raw + 16, 8);
    return (elf->machine == EM_X86_64 && type == R_X86_64_RELATIVE) ||
           (elf->machine == EM_AARCH64 && type == R_AARCH64_RELATIVE);
}

bool tool_elf_relocated(const struct tool_elf *elf, const struct tool_elf_relocations *r, uint64_t at, uint64_t *value)
{
    uint64_t where;
    uint8_t raw[8];
    for (size_t i = 0; i < r->n; i++)
        if (tool_elf_relocation(elf, r, i, &where, value) && where == at)
            return true;
    if (!tool_elf_at(elf, at, raw, sizeof raw))
        return false;
    *value = word(raw, 8);
    return true;
}

/* ------------------------------------------------------------------------------------------------------------ names */

static bool table_of(const struct tool_elf *elf, uint32_t kind, struct tool_elf_part *symbols,
                     struct tool_elf_part *names)
{
    uint32_t name, type;
    for (unsigned i = 0; i < elf->n_sections && section_at(elf, i, symbols, &name, &type); i++)
        if (type == kind)
            return section_at(elf, symbols->link, names, &name, &type) && type == SHT_STRTAB;
    return false;
}

void tool_elf_symbols(const struct tool_elf *elf, tool_elf_symbol *symbol, void *context)
{
    struct tool_elf_part of_symbols, of_names;
    if (!table_of(elf, SHT_SYMTAB, &of_symbols, &of_names) && !table_of(elf, SHT_DYNSYM, &of_symbols, &of_names))
        return;
    uint8_t *symbols = tool_elf_load(elf, &of_symbols), *names = tool_elf_load(elf, &of_names);
    size_t n = symbols ? (size_t)of_symbols.size / sizeof(Elf64_Sym) : 0;
    if (names)
        names[of_names.size - 1] = 0;
    for (size_t i = 0; names && i < n; i++) {
        const uint8_t *raw = symbols + i * sizeof(Elf64_Sym);
        uint32_t name = (uint32_t)word(raw, 4);
        if (ELF64_ST_TYPE(raw[4]) == STT_FUNC && word(raw + 6, 2) != SHN_UNDEF && name < of_names.size &&
            !symbol(context, (const char *)names + name, word(raw + 8, 8)))
            break;
    }
    free(symbols);
    free(names);
}
