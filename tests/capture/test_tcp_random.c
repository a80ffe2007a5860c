/* TCP reassembly as a property: however a stream is cut, shuffled, doubled and overlapped, it comes out the same; and
 * what is left out comes out as gaps of exactly its size. */
#include "make.h"

#include "capture/tcp.h"

enum { MOST = 60000 };

struct check {
    const uint8_t *stream;
    const uint8_t *lost; /* per byte: was never sent */
    bool exact;          /* a gap stands for bytes that never came, and for no others */
    uint32_t at, ends, conflicts;
};

static void on_data(void *context, unsigned direction, struct wt_span bytes)
{
    struct check *c = context;
    (void)direction;
    assert_memory_equal(bytes.p, c->stream + c->at, bytes.n);
    for (size_t i = 0; i < bytes.n; i++)
        assert_false(c->lost[c->at + i]);
    c->at += (uint32_t)bytes.n;
}

static void on_gap(void *context, unsigned direction, uint64_t n)
{
    struct check *c = context;
    (void)direction;
    for (uint64_t i = 0; i < n; i++)
        assert_true(!c->exact || c->lost[c->at + i]);
    c->at += (uint32_t)n;
}

static void on_end(void *context, unsigned direction)
{
    (void)direction;
    ((struct check *)context)->ends++;
}

static void on_conflict(void *context, unsigned direction)
{
    (void)direction;
    ((struct check *)context)->conflicts++;
}

struct part {
    uint32_t at, n, missing;
};

/* The stream in pieces; some twice, some longer than they need to be, and `drop` per cent of them not at all. */
static uint32_t cut(uint64_t *random, uint32_t total, unsigned drop, unsigned snap, struct part *parts, uint8_t *lost)
{
    uint32_t n = 0;
    memset(lost, 1, total);
    for (uint32_t at = 0; at < total;) {
        uint32_t size = make_random(random) % 1460 + 1;
        uint32_t copies = make_random(random) % 4 == 0 ? 2 : 1;
        if (size > total - at)
            size = total - at;
        for (uint32_t i = 0; i < copies; i++) {
            uint32_t from = at, length = size, more = make_random(random) % 300;
            if (make_random(random) % 100 < drop)
                continue;
            if (make_random(random) % 5 == 0) {
                from -= more < from ? more : from;
                length = at + size - from;
            }
            if (make_random(random) % 5 == 0)
                length = more < total - from - length ? length + more : total - from;
            parts[n] = (struct part){from, length, 0};
            if (make_random(random) % 100 < snap) {
                parts[n].missing = make_random(random) % length;
                parts[n].n -= parts[n].missing;
            }
            memset(lost + from, 0, parts[n].n);
            n++;
        }
        at += size;
    }
    return n;
}

/* Each part moves by at most `reach` places. */
static void shuffle(uint64_t *random, struct part *parts, uint32_t n, uint32_t reach)
{
    for (uint32_t i = 0; i + 1 < n; i++) {
        uint32_t k = i + make_random(random) % (n - i < reach ? n - i : reach);
        struct part swap = parts[i];
        parts[i] = parts[k];
        parts[k] = swap;
    }
}

static void run(uint64_t seed, unsigned drop, unsigned snap, bool fin)
{
    static uint8_t stream[MOST], lost[MOST];
    static struct part parts[2 * MOST];
    uint64_t random = seed * 2654435761u + 1;
    uint32_t total = make_random(&random) % MOST + 1, initial = make_random(&random) - make_random(&random) % 20000;
    struct check c = {stream, lost, snap == 0, 0, 0, 0};
    struct wt_tcp_sink sink = {on_data, on_gap, on_end, on_conflict, &c};
    struct wt_tcp_totals totals = {0};
    struct wt_tcp_direction d = {0};
    uint32_t n;
    if (seed % 3 == 0)
        initial = 0u - total / 2; /* wraps in the middle */
    for (uint32_t i = 0; i < total; i++)
        stream[i] = (uint8_t)make_random(&random);
    n = cut(&random, total, drop, snap, parts, lost);
    shuffle(&random, parts, n, make_random(&random) % 40 + 1);
    wt_tcp_segment(&d, 0, initial - 1, WT_TCP_SYN, (struct wt_span){NULL, 0}, 0, &totals, &sink);
    for (uint32_t i = 0; i < n; i++) {
        uint8_t *copy = malloc(parts[i].n + 1);
        bool last = fin && parts[i].at + parts[i].n + parts[i].missing == total;
        memcpy(copy, stream + parts[i].at, parts[i].n);
        wt_tcp_segment(&d, 0, initial + parts[i].at, last ? WT_TCP_FIN : WT_TCP_ACK, wt_span_of(copy, parts[i].n),
                       parts[i].missing, &totals, &sink);
        free(copy);
    }
    if (fin) /* told again, so that it is not lost with a dropped segment */
        wt_tcp_segment(&d, 0, initial + total, WT_TCP_FIN, (struct wt_span){NULL, 0}, 0, &totals, &sink);
    if (drop == 0 && snap == 0)
        assert_int_equal(c.at, total);
    wt_tcp_flush(&d, 0, &totals, &sink);
    if (fin) {
        assert_int_equal(c.at, total);
        assert_int_equal(c.ends, 1);
    }
    assert_int_equal(c.conflicts, 0);
    assert_int_equal(totals.pending_bytes, 0);
    assert_int_equal(totals.limit_hits + totals.dropped_segments, 0);
    assert_int_equal(d.next, initial + c.at);
    assert_null(d.pending);
}

static void test_same_stream(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 400; seed++)
        run(seed, 0, 0, seed % 2);
}

static void test_gaps(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 400; seed++)
        run(seed, 1 + (unsigned)(seed % 50), 0, seed % 2);
}

/* Bytes that the snaplen cut off a segment count as lost, even where a later copy has them. */
static void test_cut_segments(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++)
        run(seed, (unsigned)(seed % 10), 30, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_segments),
        cmocka_unit_test(test_same_stream),
        cmocka_unit_test(test_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
