/* Bytes and secrets of our own connections, on their way to an observer and to files. A line of the key log comes
 * before the bytes that it opens: then a capture can be read while it is written, and from its beginning. */
#include "record.h"

#include "memory.h"
#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- stories ------------------------------------------------------------------------------------------------------ */

static void write_story(struct tool_record *r, const struct wt_connection *c)
{
    const struct wt_json_options options = {.size = sizeof options};
    if (r->story) {
        tool_output_text(r->words, "\n");
        wt_report_text_story(r->words, c, &r->text);
    }
    if (r->json)
        wt_report_json_connection(r->lines, c, &options);
}

/* With a page stories have no language yet: pages have several. */
static void ended(void *context, const struct wt_connection *c)
{
    struct tool_record *r = context;
    const struct wt_connection *spoken = r->page.page ? wt_connection_spoken(c) : c;
    if (r->overview)
        wt_overview_add(r->overview, c);
    if (r->page.page)
        tool_html_add(&r->page, c);
    if (spoken && r->ended)
        r->ended(r->context, spoken);
    if (spoken)
        write_story(r, spoken);
    if (r->page.page)
        wt_connection_spoken_free(spoken);
}

static bool open_observer(struct tool_record *r)
{
    const struct wt_observer_options options = {
        .size = sizeof options,
        .connection = ended,
        .context = r,
        .keep_messages = r->story || r->page_file,
        .keys = r->keys,
        .own_secrets = true,
        .trust = r->trust,
        .digest_plaintext = r->json || r->page_file, /* as `read` does */
        .read_application = true,
        .neutral = r->page_file != NULL,
        .as_they_end = true,
        .forget_secrets = true,
    };
    r->observer = wt_observer_new(&options, NULL);
    if (r->observer)
        wt_observer_file(r->observer, r->command->name);
    return r->observer;
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static bool cannot(const struct tool_record *r, const char *file, int reason)
{
    tool_complain(r->command, "%s: %s", file, wt_error_reason(reason));
    return false;
}

/* A key log opens all that it is the log of: for its owner alone. */
static bool open_keylog(struct tool_record *r)
{
    r->keylog_fd = open(r->keylog, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
    return r->keylog_fd >= 0 || cannot(r, r->keylog, errno);
}

static bool open_capture(struct tool_record *r)
{
    enum { LINK_RAW = 101, NANOSECONDS = 9 };
    if (!tool_file_open(&r->file, r->command, r->capture, NULL, 0, false))
        return false;
    r->writer = wt_capture_writer_new(tool_file_write, &r->file);
    return (r->writer && wt_capture_write_interface(r->writer, LINK_RAW, NANOSECONDS)) || cannot(r, r->capture, ENOMEM);
}

static bool open_page(struct tool_record *r)
{
    r->page.command = r->command;
    r->page.path = r->page_file;
    r->overview = wt_overview_new();
    return r->overview && tool_html_open(&r->page);
}

bool tool_record_open(struct tool_record *r)
{
    r->opened = true;
    r->keylog_fd = -1;
    r->file.fd = -1;
    r->observes = r->observes || r->story || r->json || r->page_file;
    tool_text_open(&r->secrets);
    if (r->observes) {
        r->keys = wt_keys_new(NULL, NULL);
        r->log = r->keys ? wt_keys_log_open(r->keys, r->command->name, false) : NULL;
        if (!r->log || !open_observer(r)) {
            tool_complain(r->command, "%s", _("out of memory"));
            return false;
        }
    }
    return (!r->keylog || open_keylog(r)) && (!r->capture || open_capture(r)) && (!r->page_file || open_page(r));
}

static void fails(struct tool_record *r, const char *file, int reason)
{
    if (!r->failed)
        (void)cannot(r, file, reason);
    r->failed = true;
}

/* --- secrets ------------------------------------------------------------------------------------------------------ */

void tool_record_secret(void *context, const char *line)
{
    struct tool_record *r = context;
    char *whole = tool_format("%s\n", line);
    if (!whole)
        return;
    const size_t n = strlen(whole);
    if (r->log)
        wt_keys_log_feed(r->log, whole, n);
    const int reason = r->keylog_fd >= 0 ? tool_write(r->keylog_fd, whole, n) : 0;
    if (reason)
        fails(r, r->keylog, reason);
    if (r->writer)
        (void)r->secrets.output.write(r->secrets.output.context, whole, n);
    explicit_bzero(whole, n);
    free(whole);
}

/* --- connections -------------------------------------------------------------------------------------------------- */

void tool_record_begin(struct tool_record *r, struct tool_tap *tap, const struct wt_address *client,
                       const struct wt_address *server)
{
    *tap = (struct tool_tap){.open = true};
    memcpy(tap->tcp.ip[WT_CLIENT], client->ip, 16);
    memcpy(tap->tcp.ip[WT_SERVER], server->ip, 16);
    tap->tcp.port[WT_CLIENT] = client->port;
    tap->tcp.port[WT_SERVER] = server->port;
    if (r->observer)
        tap->stream = wt_observer_stream(r->observer, client, server);
    if (r->writer)
        (void)wt_rebuild_open(r->writer, &tap->tcp, tool_net_now());
}

static void write_packets(struct tool_record *r, struct tool_tap *tap, enum wt_side from, struct wt_time now,
                          struct wt_span bytes)
{
    const struct wt_span lines = {(const uint8_t *)r->secrets.bytes, r->secrets.length};
    if (lines.n) {
        (void)wt_capture_write_secrets(r->writer, WT_SECRETS_TLS_KEY_LOG, lines);
        explicit_bzero(r->secrets.bytes, r->secrets.length);
        r->secrets.length = 0;
    }
    (void)wt_rebuild_data(r->writer, &tap->tcp, from, now, bytes);
}

void tool_record_bytes(struct tool_record *r, struct tool_tap *tap, enum wt_side from, const void *bytes, size_t n)
{
    const struct wt_time now = tool_net_now();
    if (!tap->open || !n)
        return;
    if (r->writer)
        write_packets(r, tap, from, now, (struct wt_span){bytes, n});
    if (tap->stream)
        wt_stream_bytes(tap->stream, from, now, bytes, n);
}

void tool_record_end(struct tool_record *r, struct tool_tap *tap, bool reset)
{
    const struct wt_time now = tool_net_now();
    if (!tap->open)
        return;
    tap->open = false;
    if (r->writer)
        (void)wt_rebuild_close(r->writer, &tap->tcp, WT_CLIENT, now);
    if (!tap->stream)
        return;
    wt_stream_close(tap->stream, now, reset);
    wt_observer_time(r->observer, now); /* what has ended is told */
    if (r->words)
        r->failed |= r->words->failed;
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

static void close_capture(struct tool_record *r)
{
    const bool whole = r->writer && wt_capture_writer_finish(r->writer);
    if (r->writer && !whole && !r->file.error)
        fails(r, r->capture, ENOMEM);
    if (r->writer && !tool_file_commit(&r->file))
        r->failed = true;
    wt_capture_writer_free(r->writer);
    tool_file_drop(&r->file);
}

bool tool_record_close(struct tool_record *r)
{
    if (!r->opened)
        return true;
    if (r->observer)
        wt_observer_finish(r->observer);
    if (r->page.page && tool_html_write(&r->page, r->observer, r->overview))
        tool_html_report(&r->page);
    else
        r->failed |= r->page.page != NULL;
    tool_html_close(&r->page);
    wt_overview_free(r->overview);
    close_capture(r);
    if (r->keylog_fd >= 0 && close(r->keylog_fd) != 0)
        fails(r, r->keylog, errno);
    wt_observer_free(r->observer);
    if (r->log)
        wt_keys_log_close(r->log);
    wt_keys_free(r->keys);
    if (r->secrets.bytes)
        explicit_bzero(r->secrets.bytes, r->secrets.capacity);
    tool_text_close(&r->secrets);
    return !r->failed;
}
