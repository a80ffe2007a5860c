#include "capture/foreign.h"

static const struct {
    struct wt_span magic;
    const char *name, *command;
} rows[] = {
#define WT_FOREIGN(magic, name, command) {{(const uint8_t *)(magic), sizeof(magic) - 1}, name, command},
#include "capture/foreign.def"
#undef WT_FOREIGN
};

/* Endace's records begin with a time (a fraction, then seconds, little-endian), type, and lengths. */
static bool is_erf(struct wt_span s)
{
    enum { SINCE = 0x38000000, TYPES = 48, HEADER = 16 };
    return s.n >= HEADER + 2 && wt_get32le(s.p + 4) >= SINCE && wt_get32le(s.p + 4) < 0x90000000u &&
           (s.p[8] & 0x7f) >= 1 && (s.p[8] & 0x7f) <= TYPES && wt_get16(s.p + 10) >= HEADER && wt_get16(s.p + 14) > 0;
}

/* Windows' event traces begin with a buffer's header of 72 bytes, then the header of the trace itself. */
static bool is_etl(struct wt_span s)
{
    enum { BUFFER_HEADER = 72, UNIT = 1024, MOST = 16 << 20 };
    return s.n >= BUFFER_HEADER + 4 && wt_get32le(s.p) >= UNIT && wt_get32le(s.p) <= MOST &&
           wt_get32le(s.p) % UNIT == 0 && s.p[BUFFER_HEADER] == 2 && s.p[BUFFER_HEADER + 1] == 0 &&
           s.p[BUFFER_HEADER + 3] == 0xc0;
}

/* JSON: a HAR file is an object with "log"; tshark's has packets as objects with "_source". */
static bool says(struct wt_span s, const char *key)
{
    s = wt_span_cut(s, 0, 1024);
    size_t i = 0;
    while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\n' || s.p[i] == '\r' || s.p[i] == '\t'))
        i++;
    return i < s.n && (s.p[i] == '{' || s.p[i] == '[') && memmem(s.p, s.n, key, strlen(key));
}

struct wt_error wt_foreign_error(struct wt_span first)
{
    struct wt_error e = {.code = WT_FORMAT, .field = "capture", .value = first.n};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (first.n >= rows[i].magic.n && memcmp(first.p, rows[i].magic.p, rows[i].magic.n) == 0) {
            e.field = rows[i].name;
            e.rule = rows[i].command ? rows[i].command : "";
            return e;
        }
    if (says(first, "\"log\"") || says(first, "\"_source\"")) {
        e.field = says(first, "\"log\"") ? "HAR (JSON)" : "tshark (JSON)";
        e.rule = "";
    } else if (is_etl(first)) {
        e.field = "ETL (Windows)";
        e.rule = "etl2pcapng IN.etl OUT.pcapng";
    } else if (is_erf(first)) {
        e.field = "ERF";
        e.rule = "editcap -F pcapng IN OUT.pcapng";
    }
    return e;
}
