/* Files of programs that were started by others: the input is such a file.
 *
 * Held to: the same plan each time; a point in code, with its first instruction as the file has it, and room elsewhere.
 */
#include "../tools/trace_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool so, const char *what)
{
    if (so)
        return;
    fprintf(stderr, "fuzz_program: %s\n", what);
    abort();
}

static bool read_bytes(void *context, uint64_t offset, void *into, size_t n)
{
    memcpy(into, *(const uint8_t *const *)context + offset, n);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct tool_elf_bytes bytes = {read_bytes, &data, size};
    struct tool_trace_plan plan, again;
    struct tool_elf elf;
    if (!tool_trace_plan(&bytes, &plan))
        return 0;
    hold(tool_trace_plan(&bytes, &again) && memcmp(&plan, &again, sizeof plan) == 0, "a second plan differs");
    hold(tool_elf_open(&elf, &bytes), "a plan of no program");
    hold(plan.n <= TOOL_TRACE_POINTS && (plan.n == 0 || plan.program == TOOL_PROGRAM_POINTS),
         "points of another program");
    for (unsigned i = 0; i < plan.n; i++) {
        const struct tool_trace_point *p = &plan.points[i];
        uint8_t code[TOOL_CODE_INSTRUCTION];
        hold(tool_elf_is_code(&elf, p->address), "a point outside the code");
        hold(p->n_code > 0 && p->n_code <= sizeof code && tool_elf_at(&elf, p->address, code, p->n_code) &&
                 memcmp(code, p->code, p->n_code) == 0,
             "other code than the file's");
        uint64_t offset;
        hold(tool_elf_offset(&elf, p->address, &offset) && offset == p->offset, "another place in the file");
        hold(p->n_moved == 0 || (p->n_moved > 5 && p->n_moved <= TOOL_CODE_MOVED), "nothing aside");
        for (unsigned k = 0; p->n_moved > 0 && k < i; k++)
            hold(p->aside >= plan.points[k].aside + plan.points[k].n_moved, "one place for two");
    }
    return 0;
}
