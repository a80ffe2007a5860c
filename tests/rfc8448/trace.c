#include "trace.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void read_hex(struct wt_buffer *to, const char *text)
{
    for (; *text && !isspace((unsigned char)*text); text += 2) {
        const char digits[3] = {text[0], text[1], 0};
        char *end;
        unsigned long byte = strtoul(digits, &end, 16);
        assert_ptr_equal(end, digits + 2);
        assert_true(wt_buffer_add_char(to, (char)byte));
    }
}

static void read_head(struct trace *t, const char *text, unsigned line)
{
    char side[TRACE_NAME] = "";
    assert_in_range(t->count, 0, TRACE_STEPS - 1);
    struct trace_step *step = &t->steps[t->count++];
    assert_in_range(sscanf(text, "%23s %23s %23[^\n]", side, step->what, step->of), 2, 3);
    assert_true(strcmp(side, "client") == 0 || strcmp(side, "server") == 0);
    step->side = side[0] == 's';
    step->line = line;
}

static void read_value(struct trace *t, const char *text)
{
    assert_in_range(t->count, 1, TRACE_STEPS);
    struct trace_step *step = &t->steps[t->count - 1];
    if (text[2] == ' ') {
        assert_in_range(step->count, 1, TRACE_FIELDS);
        read_hex(&step->fields[step->count - 1].bytes, text + 4);
        return;
    }
    assert_in_range(step->count, 0, TRACE_FIELDS - 1);
    struct trace_field *field = &step->fields[step->count++];
    assert_int_equal(sscanf(text, " %23s", field->name), 1);
    const char *hex = strchr(text + 2, ' ');
    if (hex)
        read_hex(&field->bytes, hex + 1);
}

struct trace *trace_read(const char *folder, const char *name)
{
    char path[4096], text[256];
    assert_in_range(snprintf(path, sizeof path, "%s/%s", folder, name), 1, sizeof path - 1);
    FILE *file = fopen(path, "r");
    struct trace *t = calloc(1, sizeof *t);
    assert_non_null(file);
    assert_non_null(t);
    for (unsigned line = 1; fgets(text, sizeof text, file); line++) {
        if (text[0] == '#' || text[0] == '\n')
            continue;
        if (text[0] == ' ')
            read_value(t, text);
        else
            read_head(t, text, line);
    }
    assert_int_equal(fclose(file), 0);
    return t;
}

void trace_free(struct trace *trace)
{
    for (size_t i = 0; i < trace->count; i++)
        for (size_t k = 0; k < trace->steps[i].count; k++)
            wt_buffer_free(&trace->steps[i].fields[k].bytes);
    free(trace);
}

struct trace_field *trace_field(struct trace_step *step, const char *name)
{
    for (size_t i = 0; i < step->count; i++)
        if (strcmp(step->fields[i].name, name) == 0)
            return &step->fields[i];
    return NULL;
}
