/* A whole capture file, and all that is made of it: stories as JSON with every field, as text with explanations, as a
 * picture, filters, the overview, and the comparison with itself. Secrets in the file are used.
 *
 * Mutations are those of mutate_capture.h. Held to what watch.h holds; and: a capture compared with itself shows no
 * difference. */
#include "mutate_capture.h"
#include "watch.h"

#include "wiretale/capture.h"
#include "wiretale/compare.h"
#include "wiretale/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *two, size_t two_size, uint8_t *out,
                                 size_t most, unsigned seed);

struct wt_capture *wt_capture_open_memory(struct wt_span file, struct wt_error *error);

enum { MOST_PACKETS = 3000, MOST_BYTES = 1 << 20, TLS_KEY_LOG = 0x544c534b };

static const char *const filters[] = {
    "tls.handshake.extensions_server_name contains \"a\" || tls.handshake.type == 11",
    "ip.addr == 127.0.0.1 && tcp.port in {443 8443} || !tls.alert_message.desc",
    "http.request.uri matches \"[a-z]+\" || findings.severity == \"error\" || tls.record.version > 0x301",
};
enum { FILTERS = sizeof filters / sizeof filters[0] };

struct file {
    struct heard heard;
    struct wt_overview *overview;
    bool explained, detailed, compared;
};

static void on_secrets(void *context, const struct wt_capture_secrets *secrets)
{
    struct wt_keys_log *log;
    if (secrets->type == TLS_KEY_LOG && (log = wt_keys_log_open(context, "secrets", true))) {
        wt_keys_log_feed(log, secrets->data.p, secrets->data.n);
        wt_keys_log_close(log);
    }
}

static struct wt_filter *filter_of(unsigned which)
{
    static struct wt_filter *all[FILTERS];
    struct wt_filter_error error;
    if (!all[which])
        all[which] = wt_filter_compile(filters[which], &error);
    hold(all[which] != NULL, "a filter that does not compile");
    return all[which];
}

static void on_story(void *context, const struct wt_connection *c)
{
    struct file *f = context;
    struct sink json = {0}, picture = {0};
    struct wt_output output = {count, &json, false};
    const struct wt_json_options whole = {sizeof whole, .messages = true, .places = true, .packets = true,
                                          .fields = true};
    f->heard.brief = !f->explained;
    on_connection(&f->heard, c);
    for (unsigned i = 0; i < FILTERS; i++)
        (void)wt_filter_match(filter_of(i), c);
    wt_overview_add(f->overview, c);
    if (!f->detailed)
        return;
    wt_report_json_connection(&output, c, &whole);
    hold(json.lines == 1 && json.last == '\n', "JSON with fields that is not one line");
    output = (struct wt_output){count, &picture, false};
    wt_report_svg_ladder(&output, c);
}

/* Every packet of the file goes to the observer, or, twice, to what compares. */
static void packets_of(struct wt_span bytes, struct wt_keys *keys, struct wt_observer *o, struct wt_compare *compare)
{
    struct wt_packet packet;
    struct wt_error error;
    uint64_t sum = 0;
    for (unsigned side = 0; side < (compare ? 2 : 1); side++) {
        struct wt_capture *capture = wt_capture_open_memory(bytes, &error);
        if (!capture)
            return;
        if (keys)
            wt_capture_on_secrets(capture, on_secrets, keys);
        for (sum = 0; sum < MOST_BYTES && wt_capture_next(capture, &packet) && packet.frame <= MOST_PACKETS;
             sum += packet.length) {
            if (compare)
                wt_compare_packet(compare, side, &packet);
            else
                wt_observer_packet(o, &packet);
        }
        wt_capture_close(capture);
    }
}

static void on_compared(void *context, const struct wt_compared *c)
{
    struct sink json = {0}, text = {0};
    struct wt_output output = {count, &json, false};
    const struct wt_text_options wide = {.size = sizeof wide, .columns = 100};
    (void)context;
    if (c->difference_count)
        fprintf(stderr, "%s: %s\n", c->differences[0].id, c->differences[0].text);
    hold(c->difference_count == 0, "a capture that differs from itself");
    wt_report_json_compared(&output, c);
    hold(json.lines == 1 && json.last == '\n', "JSON that is not one line");
    output = (struct wt_output){count, &text, false};
    wt_report_text_compared(&output, c, &wide);
    hold(text.bytes > 0, "no text");
}

static void observe(struct wt_span bytes, struct file *f, struct wt_keys *keys)
{
    static struct wt_trust *trust;
    if (!trust && (trust = wt_trust_new()))
        wt_trust_without_system(trust); /* the answer is the same on every machine */
    const struct wt_observer_options options = {.size = sizeof options,
                                                .connection = on_story,
                                                .context = f,
                                                .keep_messages = true,
                                                .keep_packet_headers = true,
                                                .keep_segments = true,
                                                .keep_secrets = f->explained,
                                                .digest_plaintext = true,
                                                .read_application = true,
                                                .trust = trust,
                                                .keys = keys};
    const struct wt_text_options wide = {.size = sizeof wide, .columns = 100};
    struct sink text = {0}, json = {0};
    struct wt_output output = {count, &text, false};
    struct wt_observer *o = wt_observer_new(&options, NULL);
    if (!o)
        return;
    wt_observer_file(o, "capture");
    packets_of(bytes, keys, o, NULL);
    wt_observer_finish(o);
    check_summary(o, &f->heard);
    wt_report_text_summary(&output, "capture", wt_observer_summary(o), &wide);
    wt_report_text_overview(&output, f->overview, &wide);
    output = (struct wt_output){count, &json, false};
    wt_report_json_summary(&output, wt_observer_summary(o), f->overview);
    hold(json.lines == 1 && json.last == '\n', "a summary that is not one line");
    wt_observer_free(o);
}

/* The bytes decide which reports are made beside JSON and lines: all of them take ten times as long. */
static unsigned chosen(const uint8_t *data, size_t size)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ data[i]) * 16777619u;
    return hash >> 24;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const unsigned which = chosen(data, size);
    struct file f = {.heard = {.last_stream = -1},
                     .overview = wt_overview_new(),
                     .explained = which % 8 == 0,
                     .detailed = which % 8 == 1,
                     .compared = which % 8 >= 6};
    struct wt_keys *keys = wt_keys_new(NULL, NULL);
    struct wt_span bytes = {data, size};
    if (f.overview && keys)
        observe(bytes, &f, keys);
    struct wt_compare *compare = f.compared ? wt_compare_new() : NULL;
    if (compare) {
        packets_of(bytes, NULL, NULL, compare);
        wt_compare_finish(compare, on_compared, NULL);
    }
    wt_compare_free(compare);
    wt_overview_free(f.overview);
    wt_keys_free(keys);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    return mutate_capture(data, size, most, seed);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *two, size_t two_size, uint8_t *out,
                                 size_t most, unsigned seed)
{
    return cross_captures(one, one_size, two, two_size, out, most, seed);
}
