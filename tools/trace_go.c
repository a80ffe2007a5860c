/* The table of functions that Go's runtime keeps of its program (.gopclntab): name and entry of each.
 *
 * golang/go: src/debug/gosym/pclntab.go reads it, src/cmd/link/internal/ld/pcln.go writes it. */
#include "trace_go.h"

#include "memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    WORD = 8,
    HEADER = 8, /* magic, two zeros, instructions' quantum, size of a word */
    NOWHERE = 0xff,
    /* runtime.moduledata since Go 1.16: its first word is the table's address, these are the words with the address of
     * the text and where it ends */
    MODULE_TEXT = 22,
    MODULE_END = 23,
};

/* How each version has it. Words are counted from behind the header's first eight bytes. */
static const struct version {
    uint32_t magic;
    uint8_t text;      /* the word with the address that entries are counted from; NOWHERE: they are addresses */
    uint8_t names;     /* the word with the place of the names; NOWHERE: the table's own start */
    uint8_t functions; /* the word with the place of the functions; NOWHERE: behind the number of them */
    uint8_t entry;     /* bytes of an entry's two halves, and of a function's own entry */
} versions[] = {
    {0xfffffffb, NOWHERE, NOWHERE, NOWHERE, 8}, /* 1.2 */
    {0xfffffffa, NOWHERE, 2, 6, 8},             /* 1.16, 1.17 */
    {0xfffffff0, 2, 3, 7, 4},                   /* 1.18, 1.19 */
    {0xfffffff1, 2, 3, 7, 4},                   /* 1.20 and later */
};

struct table {
    const struct tool_elf *elf;
    struct tool_elf_relocations relocations;
    uint64_t address; /* of its first byte */
    uint8_t *bytes;
    size_t size;
    const struct version *version;
    uint64_t text;
    size_t names, functions;
    size_t n;
};

static uint64_t word(const uint8_t *p, unsigned n)
{
    uint64_t v = 0;
    for (unsigned i = n; i-- > 0;)
        v = v << 8 | p[i];
    return v;
}

static const struct version *version_of(const uint8_t *header)
{
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++)
        if (word(header, 4) == versions[i].magic && header[4] == 0 && header[5] == 0 &&
            (header[6] == 1 || header[6] == 4) && header[7] == WORD)
            return &versions[i];
    return NULL;
}

/* ------------------------------------------------------------------------------------------------ finding the table */

static bool named(const struct tool_elf *elf, struct tool_elf_part *part)
{
    uint8_t header[HEADER];
    /* the second where the program can be loaded anywhere */
    return (tool_elf_section(elf, ".gopclntab", part) || tool_elf_section(elf, ".data.rel.ro.gopclntab", part)) &&
           tool_elf_at(elf, part->address, header, sizeof header) && version_of(header);
}

/* A place in a segment where the table may begin: without sections, and where another linker put it among other data.
 */
static bool found(const struct tool_elf *elf, struct tool_elf_part *part)
{
    enum { STEP = 1 << 16 };
    uint8_t *step = tool_checked(malloc(STEP));
    uint64_t looked_at = 0;
    bool is = false;
    for (unsigned s = 0; step && !is && s < elf->n_segments; s++) {
        const struct tool_elf_part *segment = &elf->segments[s];
        for (uint64_t at = 0; !is && at < segment->size && looked_at < TOOL_ELF_SCANNED;
             at += STEP, looked_at += STEP) {
            size_t n = segment->size - at < STEP ? (size_t)(segment->size - at) : STEP;
            if (!tool_elf_at(elf, segment->address + at, step, n))
                break;
            for (size_t i = 0; !is && i + HEADER <= n; i += WORD)
                if (word(step + i + 2, 2) == 0xffff && version_of(step + i)) {
                    *part = (struct tool_elf_part){.address = segment->address + at + i,
                                                   .offset = segment->offset + at + i,
                                                   .size = segment->size - at - i};
                    is = true;
                }
        }
    }
    free(step);
    return is;
}

bool tool_go_is(const struct tool_elf *elf)
{
    struct tool_elf_part part;
    /* the first since Go 1.13 */
    return tool_elf_section(elf, ".go.buildinfo", &part) || tool_elf_section(elf, ".note.go.buildid", &part) ||
           tool_elf_section(elf, ".gopclntab", &part) || (elf->n_sections == 0 && found(elf, &part));
}

/* ------------------------------------------------------------------------------------------------ where text begins */

/* The two words of runtime.moduledata, which begins with the table's address. */
static bool text_of(const struct table *t, uint64_t module)
{
    uint64_t text, end;
    return tool_elf_relocated(t->elf, &t->relocations, module + MODULE_TEXT * WORD, &text) &&
           tool_elf_relocated(t->elf, &t->relocations, module + MODULE_END * WORD, &end) && text < end &&
           tool_elf_is_code(t->elf, text) && tool_elf_is_code(t->elf, end - 1);
}

static bool module_in(const struct table *t, const struct tool_elf_part *segment, uint64_t *module)
{
    enum { STEP = 1 << 16, CANDIDATES = 16 };
    uint8_t *step = tool_checked(malloc(STEP));
    unsigned candidates = 0;
    bool is = false;
    uint64_t most = segment->size < TOOL_ELF_SCANNED ? segment->size : TOOL_ELF_SCANNED;
    for (uint64_t at = 0; step && !is && at < most && candidates < CANDIDATES; at += STEP) {
        size_t n = most - at < STEP ? (size_t)(most - at) : STEP;
        if (!tool_elf_at(t->elf, segment->address + at, step, n))
            break;
        for (size_t i = 0; !is && i + WORD <= n && candidates < CANDIDATES; i += WORD)
            if (word(step + i, WORD) == t->address) {
                *module = segment->address + at + i;
                candidates++;
                is = text_of(t, *module);
            }
    }
    free(step);
    return is;
}

static bool find_module(const struct table *t, uint64_t *module)
{
    enum { CANDIDATES = 16 };
    unsigned candidates = 0;
    uint64_t value;
    for (size_t i = 0; i < t->relocations.n && candidates < CANDIDATES; i++)
        if (tool_elf_relocation(t->elf, &t->relocations, i, module, &value) && value == t->address) {
            candidates++;
            if (text_of(t, *module))
                return true;
        }
    for (unsigned i = 0; i < t->elf->n_segments; i++)
        if (module_in(t, &t->elf->segments[i], module))
            return true;
    return false;
}

/* The address that entries are counted from. The table has it, but for newer versions (the word is 0), the runtime's
 * description of its module always; the first byte of the text is it where Go's own linker made the program. */
static bool find_text(struct table *t)
{
    uint64_t at = t->address + HEADER + t->version->text * WORD, module;
    struct tool_elf_part part;
    if (tool_elf_relocated(t->elf, &t->relocations, at, &t->text) && t->text > 0)
        return true;
    if (find_module(t, &module))
        return tool_elf_relocated(t->elf, &t->relocations, module + MODULE_TEXT * WORD, &t->text);
    if (!tool_elf_section(t->elf, ".text", &part))
        return false;
    t->text = part.address;
    return true;
}

/* ---------------------------------------------------------------------------------------------------- its functions */

static bool inside(const struct table *t, unsigned at, size_t *place)
{
    uint64_t offset = word(t->bytes + HEADER + at * WORD, WORD);
    *place = (size_t)offset;
    return offset < t->size;
}

static bool open_table(struct table *t, const struct tool_elf *elf)
{
    struct tool_elf_part part;
    *t = (struct table){.elf = elf};
    if (!named(elf, &part) && !found(elf, &part))
        return false;
    if (part.size > TOOL_ELF_TABLE)
        part.size = TOOL_ELF_TABLE;
    t->address = part.address;
    t->size = (size_t)part.size;
    t->bytes = tool_elf_load(elf, &part);
    if (!t->bytes || t->size < HEADER + 8 * WORD || !(t->version = version_of(t->bytes)))
        return false;
    uint64_t n = word(t->bytes + HEADER, WORD);
    t->functions = HEADER + WORD;
    if ((t->version->names != NOWHERE && !inside(t, t->version->names, &t->names)) ||
        (t->version->functions != NOWHERE && !inside(t, t->version->functions, &t->functions)) ||
        n > (t->size - t->functions) / (2u * t->version->entry) || n > TOOL_GO_FUNCTIONS)
        return false;
    t->n = (size_t)n;
    tool_elf_relocations(elf, &t->relocations);
    return t->version->text == NOWHERE || find_text(t);
}

static void close_table(struct table *t)
{
    free(t->relocations.table);
    free(t->bytes);
}

/* Where names begin that end so, counted from the first name. */
static unsigned find_names(const struct table *t, const char *ending, uint32_t *names)
{
    size_t n = strlen(ending) + 1, at = t->names;
    unsigned count = 0;
    const uint8_t *hit;
    while (count < TOOL_GO_NAMES && (hit = memmem(t->bytes + at, t->size - at, ending, n))) {
        size_t start = (size_t)(hit - t->bytes);
        at = start + n;
        while (start > t->names && t->bytes[start - 1] != 0)
            start--;
        if (start - t->names <= UINT32_MAX)
            names[count++] = (uint32_t)(start - t->names);
    }
    return count;
}

/* The i-th function's entry if it has one of the names. */
static bool entry_of(const struct table *t, size_t i, const uint32_t *names, unsigned n_names, uint64_t *entry)
{
    unsigned half = t->version->entry;
    const uint8_t *pair = t->bytes + t->functions + i * 2 * half;
    /* the functions' descriptions are counted from where the list of them is, once it has a place of its own */
    uint64_t at = word(pair + half, half), base = t->version->functions == NOWHERE ? 0 : t->functions;
    if (at > t->size || base + at > t->size || t->size - (base + at) < half + 4)
        return false;
    uint32_t name = (uint32_t)word(t->bytes + base + at + half, 4);
    for (unsigned k = 0; k < n_names; k++)
        if (name == names[k]) {
            if (t->version->text != NOWHERE)
                *entry = t->text + word(pair, half);
            else if (!tool_elf_relocated(t->elf, &t->relocations, t->address + t->functions + i * 2 * half, entry))
                return false;
            return tool_elf_is_code(t->elf, *entry);
        }
    return false;
}

unsigned tool_go_functions(const struct tool_elf *elf, const char *ending, uint64_t *addresses, unsigned most)
{
    struct table t;
    uint32_t names[TOOL_GO_NAMES];
    unsigned n = 0;
    if (open_table(&t, elf)) {
        unsigned n_names = find_names(&t, ending, names);
        for (size_t i = 0; n_names > 0 && i < t.n && n < most; i++)
            if (entry_of(&t, i, names, n_names, &addresses[n]))
                n++;
    }
    close_table(&t);
    return n;
}
