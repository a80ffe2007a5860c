/* Key logs and lines of PSK files, as anybody may hand them over.
 *
 * The first byte says how the text is cut; the rest is the text. Held to: the same secrets, counters and faults in one
 * piece as in many; places of faults inside the text; every secret of a length that its label has. */
#include "keys/keylog.h"
#include "keys/psk.h"
#include "registry/limits.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hold(bool so, const char *what)
{
    if (so)
        return;
    fprintf(stderr, "fuzz_keylog: %s\n", what);
    abort();
}

struct told {
    uint64_t digest, faults, last;
    size_t size;
};

static void on_fault(void *context, const struct wt_keys_fault *f)
{
    struct told *t = context;
    hold(f->line >= t->last && f->line <= t->size + 1, "a fault in no line");
    hold(f->column >= 1 && f->column <= t->size + 1, "a fault in no column");
    char why[512];
    hold(wt_problem_format(f->problem, why, sizeof why) && strcmp(f->file, "fuzz") == 0, "a fault without its why");
    for (const char *p = why; *p; p++) {
        hold((unsigned char)*p >= ' ' && *p != 0x7f, "a control character in a why");
        t->digest = (t->digest ^ (unsigned char)*p) * 0x100000001b3u;
    }
    t->digest = (t->digest ^ f->line) * 0x100000001b3u;
    t->digest = (t->digest ^ f->column) * 0x100000001b3u;
    t->last = f->line;
    t->faults++;
}

static struct wt_keylog *read_log(struct told *t, struct wt_span text, size_t piece)
{
    *t = (struct told){.size = text.n};
    struct wt_keylog *log = wt_keylog_new(on_fault, t);
    struct wt_keylog_source *source = log ? wt_keylog_source(log, "fuzz", WT_SOURCE_KEYLOG) : NULL;
    if (!source)
        exit(0);
    for (size_t at = 0; at < text.n; at += piece) {
        struct wt_span s = wt_span_cut(text, at, piece);
        uint8_t *copy = malloc(s.n); // so that a sanitizer sees a step too far
        if (!copy)
            exit(0);
        memcpy(copy, s.p, s.n);
        wt_keylog_feed(source, wt_span_of(copy, s.n));
        free(copy);
    }
    wt_keylog_source_end(source);
    return log;
}

static void check(const struct wt_keylog *log, struct wt_span text)
{
    struct wt_secret secret;
    if (text.n < 32)
        return;
    for (unsigned label = 0; label < WT_LABEL_COUNT; label++) {
        size_t n = label == WT_LABEL_RSA ? 8 : label == WT_LABEL_SESSION ? 1 : 32;
        if (wt_keylog_find(log, (enum wt_label)label, wt_span_cut(text, 0, n), &secret))
            hold(secret.bytes.n >= 1 && secret.bytes.n <= WT_LIMIT_KEYLOG_LINE / 2, "a secret longer than its line");
    }
}

static void psk_line(struct wt_span line)
{
    uint8_t *identity = malloc(line.n), *psk = malloc(line.n);
    size_t identity_n = 0, psk_n = 0, column = 0;
    enum wt_problem_id why = WT_PROBLEM_NONE;
    if (!identity || !psk)
        exit(0);
    switch (wt_psk_line(line, identity, &identity_n, psk, &psk_n, &column, &why)) {
    case WT_PSK_LINE:
        hold(psk_n && identity_n + 1 + 2 * psk_n <= line.n && !why, "a key out of nothing");
        break;
    case WT_PSK_NOTHING:
        hold(!why, "a fault in a comment");
        break;
    case WT_PSK_WRONG:
        hold(why && column >= 1 && column <= line.n + 1, "a fault in no column");
        break;
    }
    free(identity);
    free(psk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct told whole, cut;
    if (size < 2)
        return 0;
    struct wt_span text = {data + 1, size - 1};
    struct wt_keylog *a = read_log(&whole, text, text.n), *b = read_log(&cut, text, 1u + data[0]);
    struct wt_keylog_count x = wt_keylog_count(a), y = wt_keylog_count(b);
    hold(whole.digest == cut.digest && whole.faults == cut.faults, "other faults in pieces");
    hold(x.secrets == y.secrets && x.lines == y.lines && x.unused == y.unused, "other secrets in pieces");
    hold(x.faults == whole.faults && x.secrets <= x.lines, "a counter that does not count");
    check(a, text);
    psk_line(text);
    wt_keylog_free(a);
    wt_keylog_free(b);
    return 0;
}
