/* The library as a stranger uses it: stream bytes instead of packets, in pieces of any size, tell the same story.
 * Public headers alone. The captures are arguments; they hold plain Ethernet, IP and TCP, in order, nothing twice. */
#include "wiretale/observer.h"
#include "wiretale/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MOST_STREAMS 64
#define MOST_TEXT 65536

static char **captures;
static int capture_count;

/* What has to be the same, however the bytes came: as text, so that a difference can be read. */
struct tale {
    char text[MOST_STREAMS][MOST_TEXT];
    unsigned count;
};

static void add(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(char *text, const char *format, ...)
{
    size_t at = strlen(text);
    va_list list;
    va_start(list, format);
    (void)vsnprintf(text + at, MOST_TEXT - at, format, list);
    va_end(list);
}

static void note(void *context, const struct wt_connection *c)
{
    struct tale *tale = context;
    char *text = tale->text[tale->count++];
    assert_true(tale->count < MOST_STREAMS);
    *text = '\0';
    add(text, "state %u version %04x suite %04x group %u scheme %u sni %.*s alpn %.*s ja3 %s ja4 %s\n", c->state,
        c->version, c->cipher_suite, c->group, c->signature_scheme, (int)c->sni.n, (const char *)c->sni.p,
        (int)c->alpn.n, (const char *)c->alpn.p, c->ja3 ? c->ja3 : "-", c->ja4 ? c->ja4 : "-");
    for (unsigned side = 0; side < 2; side++) {
        add(text, "side %u: %zu certificates, %llu records of %llu bytes, %llu missing\n", side,
            c->certificate_count[side], (unsigned long long)c->application_data[side].records,
            (unsigned long long)c->application_data[side].bytes, (unsigned long long)c->missing[side]);
        for (size_t i = 0; i < c->message_count; i++) {
            const struct wt_message *m = &c->messages[i];
            if (m->from == side)
                add(text, "%u %u flags %u length %u records %u\n", m->content_type, m->type, m->flags, m->length,
                    m->records);
        }
    }
    for (size_t i = 0; i < c->alert_count; i++)
        add(text, "alert %u %u %u\n", c->alerts[i].from, c->alerts[i].level, c->alerts[i].description);
    /* which side closed first passes in packets alone */
    for (size_t i = 0; i < c->finding_count; i++)
        if (strcmp(c->findings[i].id, "truncated-close") != 0)
            add(text, "finding %s\n", c->findings[i].id);
}

struct flow {
    uint8_t way[12]; /* addresses and ports, from the side that sent the SYN */
    struct wt_stream *stream;
    unsigned fins;
    bool closed;
};

struct feeder {
    struct wt_observer *observer;
    struct flow flows[MOST_STREAMS];
    unsigned count;
    size_t most; /* bytes per piece */
};

static struct flow *flow_of(struct feeder *f, const uint8_t *ip, const uint8_t *tcp, bool *from_client)
{
    uint8_t way[2][12];
    struct flow *flow;
    for (unsigned d = 0; d < 2; d++) {
        memcpy(way[d], ip + (d ? 16 : 12), 4);
        memcpy(way[d] + 4, ip + (d ? 12 : 16), 4);
        memcpy(way[d] + 8, tcp + (d ? 2 : 0), 2);
        memcpy(way[d] + 10, tcp + (d ? 0 : 2), 2);
    }
    for (unsigned i = 0; i < f->count; i++)
        for (unsigned d = 0; d < 2; d++)
            if (!memcmp(f->flows[i].way, way[d], sizeof way[d])) {
                *from_client = d == 0;
                return &f->flows[i];
            }
    assert_true(f->count < MOST_STREAMS);
    struct wt_address end[2] = {{.ip = {[10] = 0xff, [11] = 0xff}}, {.ip = {[10] = 0xff, [11] = 0xff}}};
    for (unsigned d = 0; d < 2; d++) {
        memcpy(end[d].ip + 12, way[d], 4);
        end[d].port = (uint16_t)(way[d][8] << 8 | way[d][9]);
    }
    flow = &f->flows[f->count++];
    memcpy(flow->way, way[0], sizeof flow->way);
    flow->stream = wt_observer_stream(f->observer, &end[0], &end[1]);
    assert_non_null(flow->stream);
    *from_client = true;
    return flow;
}

static void feed(struct feeder *f, const struct wt_packet *p)
{
    const uint8_t *ip = p->data + 14, *tcp, *payload;
    bool from_client;
    size_t length;
    if (p->length < 54 || p->data[12] != 8 || ip[9] != 6)
        return;
    tcp = ip + (ip[0] & 15) * 4;
    payload = tcp + (tcp[12] >> 4) * 4;
    length = (size_t)(ip[2] << 8 | ip[3]) - (size_t)(payload - ip);
    struct flow *flow = flow_of(f, ip, tcp, &from_client);
    if (flow->closed)
        return;
    for (size_t at = 0; at < length;) {
        size_t n = length - at < f->most ? length - at : f->most;
        /* In memory of its own, so that a sanitizer sees who reads past a piece or keeps it. */
        uint8_t *piece = malloc(n);
        assert_non_null(piece);
        memcpy(piece, payload + at, n);
        wt_stream_bytes(flow->stream, from_client ? WT_CLIENT : WT_SERVER, p->time, piece, n);
        free(piece);
        at += n;
    }
    flow->fins |= tcp[13] & 1 ? 1u << from_client : 0;
    if (flow->fins == 3 || tcp[13] & 4) {
        flow->closed = true;
        wt_stream_close(flow->stream, p->time, tcp[13] & 4);
    }
}

/* most: bytes per piece; 0 to hand over the packets themselves. */
static struct tale *tell(const char *path, size_t most)
{
    struct tale *tale = calloc(1, sizeof *tale);
    struct wt_observer_options options = {
        .size = sizeof options, .connection = note, .context = tale, .keep_messages = true};
    struct feeder f = {.observer = wt_observer_new(&options, NULL), .most = most};
    struct wt_error error;
    struct wt_capture *capture = wt_capture_open(path, &error);
    struct wt_packet packet;
    assert_non_null(tale);
    assert_non_null(f.observer);
    assert_non_null(capture);
    wt_observer_file(f.observer, path);
    while (wt_capture_next(capture, &packet)) {
        if (most)
            feed(&f, &packet);
        else
            wt_observer_packet(f.observer, &packet);
    }
    assert_int_equal(wt_capture_error(capture)->code, WT_OK);
    wt_observer_finish(f.observer);
    assert_int_equal(wt_observer_summary(f.observer)->connections, tale->count);
    wt_capture_close(capture);
    wt_observer_free(f.observer);
    return tale;
}

/* Moves both to the first line in which they differ. */
static void first_difference(const char **a, const char **b)
{
    for (;;) {
        size_t n = strcspn(*a, "\n"), m = strcspn(*b, "\n");
        if (n != m || strncmp(*a, *b, n) != 0 || !(*a)[n] || !(*b)[m])
            return;
        *a += n + 1;
        *b += m + 1;
    }
}

static void test_pieces(void **state)
{
    static const size_t sizes[] = {65536, 1, 2, 5, 7, 100};
    (void)state;
    assert_true(capture_count > 0);
    for (int i = 0; i < capture_count; i++) {
        struct tale *wanted = tell(captures[i], 0);
        assert_true(wanted->count > 0);
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            struct tale *got = tell(captures[i], sizes[s]);
            if (got->count != wanted->count)
                fail_msg("%s in pieces of %zu: %u connections, not %u", captures[i], sizes[s], got->count,
                         wanted->count);
            for (unsigned k = 0; k < wanted->count; k++)
                if (strcmp(got->text[k], wanted->text[k]) != 0) {
                    const char *a = got->text[k], *b = wanted->text[k];
                    first_difference(&a, &b);
                    fail_msg("%s in pieces of %zu, connection %u: %.300s, not %.300s", captures[i], sizes[s], k, a, b);
                }
            free(got);
        }
        free(wanted);
    }
}

/* A program that was built with an older header, whose struct of options was shorter; and one with a newer. */
static void test_other_versions(void **state)
{
    struct {
        struct wt_observer_options known;
        unsigned char unknown[32];
    } options = {.known = {.size = offsetof(struct wt_observer_options, keep_messages), .keep_messages = true}};
    struct wt_error error;
    (void)state;
    struct wt_observer *o = wt_observer_new(&options.known, &error);
    assert_non_null(o);
    assert_int_equal(error.code, WT_OK);
    wt_observer_free(o);
    options.known.size = sizeof options;
    o = wt_observer_new(&options.known, NULL);
    assert_non_null(o);
    wt_observer_free(o);
    options.unknown[31] = 1;
    assert_null(wt_observer_new(&options.known, &error));
    assert_int_equal(error.code, WT_UNSUPPORTED);
    assert_string_equal(error.field, "options");
    assert_int_equal(error.offset, sizeof options - 1);
    options.known.size = 0;
    assert_null(wt_observer_new(&options.known, &error));
    assert_int_equal(error.code, WT_VALUE);
    assert_string_equal(error.field, "size");
    /* reports write nothing and fail */
    struct wt_output output = {0};
    wt_report_json_connection(&output, NULL, &(struct wt_json_options){.messages = true});
    assert_true(output.failed);
    output.failed = false;
    wt_report_text_line(&output, NULL, &(struct wt_text_options){.columns = 80});
    assert_true(output.failed);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pieces), cmocka_unit_test(test_other_versions)};
    captures = argv + 1;
    capture_count = argc - 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
