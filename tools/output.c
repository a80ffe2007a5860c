/* Where reports go: standard output through one large buffer, or memory. */
#include "memory.h"
#include "tool.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER (64 * 1024) /* bytes: tens of connections of JSON per write(2) */

/* Our own and not stdio's, which loses what a signal interrupts. */
static struct {
    char bytes[BUFFER];
    size_t n;
} waiting;
static int reason; /* errno of the first write that failed */

int tool_write(int fd, const void *bytes, size_t length)
{
    const char *p = bytes;
    while (length > 0) {
        const ssize_t n = write(fd, p, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        p += n;
        length -= (size_t)n;
    }
    return 0;
}

static bool write_all(const char *bytes, size_t length)
{
    const int failed = tool_write(STDOUT_FILENO, bytes, length);
    reason = reason ? reason : failed;
    return !failed;
}

static bool flush(void)
{
    const size_t n = waiting.n;
    waiting.n = 0;
    return write_all(waiting.bytes, n);
}

static bool write_stdout(void *context, const char *bytes, size_t length)
{
    (void)context;
    tool_progress_clear();
    if (length > BUFFER - waiting.n && !flush())
        return false;
    if (length > BUFFER)
        return write_all(bytes, length);
    memcpy(waiting.bytes + waiting.n, bytes, length);
    waiting.n += length;
    return true;
}

void tool_stdout_open(struct wt_output *output)
{
    *output = (struct wt_output){.write = write_stdout};
}

void tool_stdout_flush(struct wt_output *output)
{
    output->failed |= !flush();
}

int tool_stdout_close(struct wt_output *output)
{
    tool_stdout_flush(output);
    /* `wiretale read F | head`: the reader has what it wanted, that is no failure of ours. */
    if (!output->failed || reason == EPIPE)
        return TOOL_OK;
    tool_complain(NULL, _("standard output: %s"), wt_error_reason(reason));
    return TOOL_BAD_INPUT;
}

void tool_output_text(struct wt_output *output, const char *format, ...)
{
    char line[1024];
    va_list list;
    int length;
    va_start(list, format);
    length = vsnprintf(line, sizeof line, format, list);
    va_end(list);
    if (length > 0 && !output->failed)
        output->failed =
            !output->write(output->context, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
}

static bool write_memory(void *context, const char *bytes, size_t length)
{
    struct tool_text *text = context;
    if (length > text->capacity - text->length) {
        size_t capacity = text->capacity ? text->capacity : 4096;
        char *grown;
        while (capacity - text->length < length)
            capacity *= 2;
        grown = tool_checked(realloc(text->bytes, capacity));
        if (!grown)
            return false;
        text->bytes = grown;
        text->capacity = capacity;
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    return true;
}

void tool_text_open(struct tool_text *text)
{
    *text = (struct tool_text){.output = {.write = write_memory, .context = text}};
}

void tool_text_print(struct tool_text *text, struct wt_output *output)
{
    if (text->length && !output->failed)
        output->failed = !output->write(output->context, text->bytes, text->length);
    text->length = 0;
}

void tool_text_close(struct tool_text *text)
{
    free(text->bytes);
    *text = (struct tool_text){0};
}

char *tool_printable(const char *text)
{
    struct tool_text out;
    tool_text_open(&out);
    for (bool more = true; more;) {
        const size_t n = strcspn(text, "\\");
        wt_report_bytes(&out.output, (struct wt_span){(const uint8_t *)text, n}, false);
        more = text[n] != '\0';
        (void)write_memory(&out, more ? "\\" : "", 1);
        text += n + more;
    }
    return out.bytes;
}
