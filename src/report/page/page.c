/* The page as a whole: connections go into blocks, blocks into the file. */
#include "report/page/page.h"

#include "base/array.h"
#include "base/format.h"
#include "base/i18n.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/uninitialized.h"
#include "registry/limits.h"
#include "report/page/assets.h"
#include "report/page/block.h"
#include "report/page/detail.h"
#include "report/page/row.h"

#include <stdlib.h>
#include <time.h>

#define CONNECTIONS "{\"connections\":["

static bool begin_block(struct wt_page *p)
{
    p->connections.n = 0;
    return wt_buffer_add_text(&p->connections, CONNECTIONS);
}

struct wt_page *wt_page_new(const struct wt_page_options *options)
{
    struct wt_page *p = wt_calloc(1, sizeof *p);
    if (p && options && !wt_options_take(&p->options, sizeof p->options, options, NULL)) {
        free(p);
        return NULL;
    }
    if (p && !p->options.most)
        p->options.most = WT_PAGE_CONNECTIONS;
    if (p && !begin_block(p)) {
        wt_page_free(p);
        return NULL;
    }
    return p;
}

void wt_page_free(struct wt_page *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->block_count; i++)
        wt_buffer_free(&p->blocks[i].packed);
    free(p->blocks);
    wt_buffer_free(&p->connections);
    wt_buffer_free(&p->certificates);
    wt_page_values_free(&p->values);
    wt_page_values_free(&p->known);
    free(p->asks);
    wt_buffer_free(&p->key);
    wt_buffer_free(&p->like);
    wt_buffer_free(&p->notes);
    wt_buffer_free(&p->lines);
    wt_text_finish(&p->text);
    free(p->events);
    wt_buffer_free(&p->rows);
    wt_buffer_free(&p->files);
    wt_page_names_free(&p->names);
    free(p->file);
    free(p);
}

void wt_page_leave_out(struct wt_page *p, uint64_t connections)
{
    p->left_out += connections;
}

uint64_t wt_page_left_out(const struct wt_page *p)
{
    return p->left_out;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

void wt_page_like_start(struct wt_page *p, struct wt_json *j, struct wt_output *output)
{
    p->like.n = 0;
    *output = wt_page_to(&p->like);
    wt_json_start(j, output);
}

size_t wt_page_like_end(struct wt_page *p, struct wt_json *j)
{
    wt_json_flush(j);
    p->values.failed |= p->like.failed;
    return wt_page_values_json(&p->values, wt_buffer_span(&p->like));
}

struct wt_text *wt_page_text(struct wt_page *p, const struct wt_connection *c)
{
    if (!p->text.options) {
        p->text_options =
            (struct wt_text_options){.size = sizeof p->text_options, .explain = true, .secrets = p->options.secrets};
        p->to_lines = wt_page_to(&p->lines);
        wt_text_begin(&p->text, &p->to_lines, c, &p->text_options);
        p->text.fields_apart = true;
    }
    p->text.c = c;
    memset(p->text.certificates_told, 0, sizeof p->text.certificates_told);
    return &p->text;
}

size_t wt_page_lines(struct wt_page *p)
{
    const size_t number = wt_page_values_lines(&p->values, wt_buffer_span(&p->lines));
    p->lines.n = 0;
    return number;
}

/* --- blocks ------------------------------------------------------------------------------------------------------- */

/* The block that is being filled, put together behind its connections and compressed. Bytes of messages need not become
 * text for that. More may be added to it afterwards. */
static bool block_into(struct wt_page *p, struct wt_page_block *b)
{
    struct wt_buffer *whole = &p->connections;
    const size_t n = whole->n;
    (void)wt_buffer_add_text(whole, "],\"certificates\":[");
    (void)wt_buffer_add(whole, p->certificates.p, p->certificates.n);
    (void)wt_buffer_add_text(whole, "],\"values\":[");
    (void)wt_buffer_add(whole, p->values.json.p, p->values.json.n);
    (void)wt_buffer_add_text(whole, "]}");
    wt_page_sentences(&p->names, wt_buffer_span(whole));
    *b = (struct wt_page_block){.json = whole->n};
    (void)wt_buffer_add(whole, p->values.bytes.p, p->values.bytes.n);
    const bool ok = !whole->failed && wt_page_deflate(&b->packed, wt_buffer_span(whole));
    whole->n = n;
    if (!ok)
        wt_buffer_free(&b->packed);
    return ok;
}

static bool close_block(struct wt_page *p)
{
    if (!wt_array_grow(&p->blocks, p->block_count, &p->block_room, sizeof *p->blocks, 64) ||
        !block_into(p, &p->blocks[p->block_count]))
        return false;
    p->block_count++;
    p->certificates.n = p->ask_count = 0;
    wt_page_values_clear(&p->values);
    wt_page_values_clear(&p->known);
    p->connection_count = p->certificate_count = 0;
    return begin_block(p);
}

static void file_of(struct wt_page *p, const struct wt_connection *c)
{
    struct wt_output output = wt_page_to(&p->files);
    struct wt_json j WT_UNINITIALIZED;
    const char *name = c->file ? c->file : "";
    /* by its letters: the next name may be where the last one was */
    if (p->file && strcmp(name, p->file) == 0)
        return;
    free(p->file);
    p->file = wt_strdup(name);
    p->files.failed |= !p->file;
    wt_json_start(&j, &output);
    j.comma = p->file_count > 0;
    wt_json_text(&j, name);
    wt_json_flush(&j);
    p->file_count++;
}

static void add_row(struct wt_page *p, const struct wt_connection *c)
{
    struct wt_output output = wt_page_to(&p->rows);
    struct wt_json j WT_UNINITIALIZED;
    wt_json_start(&j, &output);
    j.comma = p->added > 0;
    wt_page_row(p, &j, c);
    wt_json_flush(&j);
}

static void add_detail(struct wt_page *p, const struct wt_connection *c)
{
    struct wt_output output = wt_page_to(&p->connections);
    struct wt_json j WT_UNINITIALIZED;
    wt_json_start(&j, &output);
    j.comma = p->connection_count > 0;
    wt_page_detail(p, &j, c);
    wt_json_flush(&j);
}

static bool has_failed(const struct wt_page *p)
{
    return p->notes.failed || p->lines.failed || p->text.words.failed || p->connections.failed || p->certificates.failed ||
           p->rows.failed || p->files.failed ||
           wt_page_values_failed(&p->values) || wt_page_values_failed(&p->known);
}

bool wt_page_add(struct wt_page *p, const struct wt_connection *c)
{
    if (p->added >= p->options.most || has_failed(p)) {
        p->left_out++;
        return !has_failed(p);
    }
    if (!p->added)
        p->start = c->start.ns;
    const bool before = wt_text_neutral(true); /* the page has several languages */
    file_of(p, c);
    add_row(p, c);
    add_detail(p, c);
    (void)wt_text_neutral(before);
    if (has_failed(p))
        return false;
    p->added++;
    p->connection_count++;
    return p->connections.n + p->certificates.n + p->values.json.n + p->values.bytes.n < WT_LIMIT_PAGE_BLOCK || close_block(p);
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

#define PRINT(output, text) wt_page_print(output, text, sizeof(text) - 1)

static void print_packed(struct wt_output *output, const char *open, size_t n, struct wt_span bytes)
{
    wt_page_print(output, open, n);
    wt_page_base64(output, bytes);
    PRINT(output, "</script>\n");
}
#define INDEX "<script type=\"text/plain\" id=\"index\">"

static void print_block(struct wt_output *output, const struct wt_page_block *b)
{
    char open[80];
    const size_t n =
        wt_format(open, sizeof open, "<script type=\"text/plain\" class=\"block\" data-json=\"%zu\">", b->json);
    print_packed(output, open, n, wt_buffer_span(&b->packed));
}

static void head(struct wt_page *p, struct wt_json *j)
{
    const struct wt_time now = {(int64_t)time(NULL) * 1000000000, 0};
    wt_json_member_text(j, "wiretale", WT_PACKAGE_VERSION);
    wt_json_key(j, "made");
    wt_json_time(j, now);
    wt_json_key(j, "files");
    wt_json_open(j, '[');
    wt_json_raw(j, wt_buffer_span(&p->files));
    wt_json_close(j, ']');
    wt_json_key(j, "secrets");
    wt_json_bool(j, p->options.secrets);
    wt_json_member_number(j, "left_out", p->left_out);
    wt_json_member_flag(j, "newest", p->options.newest);
}

/* The index, compressed behind what b holds. */
static bool index_into(struct wt_page *p, struct wt_buffer *b, const struct wt_summary *summary,
                       const struct wt_overview *overview)
{
    struct wt_buffer json = {0}, line = {0};
    struct wt_output output = wt_page_to(&json), to_line = wt_page_to(&line);
    struct wt_json j WT_UNINITIALIZED;
    wt_json_start(&j, &output);
    wt_json_open(&j, '{');
    head(p, &j);
    if (summary) {
        wt_report_json_summary(&to_line, summary, overview);
        wt_json_key(&j, "summary");
        wt_json_raw(&j, wt_span_cut(wt_buffer_span(&line), 0, line.n ? line.n - 1 : 0));
        wt_page_sentences(&p->names, wt_buffer_span(&line));
    }
    wt_json_key(&j, "columns");
    wt_page_columns(&j);
    wt_json_key(&j, "rows");
    wt_json_open(&j, '[');
    wt_json_raw(&j, wt_buffer_span(&p->rows));
    wt_json_close(&j, ']');
    wt_page_sentences(&p->names, wt_buffer_span(&p->rows));
    wt_page_names_write(&p->names, &j);
    wt_json_close(&j, '}');
    wt_json_flush(&j);
    const bool ok = !json.failed && !line.failed && wt_page_deflate(b, wt_buffer_span(&json));
    wt_buffer_free(&json);
    wt_buffer_free(&line);
    return ok;
}

bool wt_page_write(struct wt_page *p, struct wt_output *output, const struct wt_summary *summary,
                   const struct wt_overview *overview)
{
    struct wt_page_block last = {0};
    struct wt_buffer index = {0};
    const bool before = wt_text_neutral(true);
    bool ok = block_into(p, &last) && index_into(p, &index, summary, overview);
    (void)wt_text_neutral(before);
    if (ok) {
        wt_page_print(output, (const char *)wt_page_before, wt_page_before_length);
        print_packed(output, INDEX, sizeof INDEX - 1, wt_buffer_span(&index));
        wt_page_print(output, (const char *)wt_page_between, wt_page_between_length);
        for (size_t i = 0; i < p->block_count; i++)
            print_block(output, &p->blocks[i]);
        print_block(output, &last);
        wt_page_print(output, (const char *)wt_page_after, wt_page_after_length);
    }
    wt_buffer_free(&last.packed);
    wt_buffer_free(&index);
    return ok && !output->failed;
}
