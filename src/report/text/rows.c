/* Messages become rows: runs of application data become one, and what is encrypted is inferred from its position.
 *
 * Nothing is claimed here that the protocol does not force. Up to TLS 1.2 the first handshake record behind a
 * ChangeCipherSpec is Finished (RFC 5246, 7.4.9: "A Finished message is always sent immediately after a change cipher
 * spec message"). In TLS 1.3 the first encrypted records of each side belong to its handshake (RFC 8446, 2). */
#include "report/text/rows.h"

#include "registry/registry.h"

#define RUNS_SHOWN 6u /* successive runs of application data that are shown one by one */

bool wt_rows_is_hidden(const struct wt_message *m)
{
    return (m->flags & WT_MESSAGE_ENCRYPTED) && !(m->flags & (WT_MESSAGE_DECRYPTED | WT_MESSAGE_TYPED));
}

bool wt_rows_is_alien(const struct wt_message *m)
{
    return m->content_type == WT_CONTENT_HANDSHAKE && !wt_rows_is_hidden(m) &&
           (m->flags & (WT_MESSAGE_TYPED | WT_MESSAGE_MALFORMED)) == WT_MESSAGE_MALFORMED;
}

void wt_rows_start(struct wt_rows *rows, const struct wt_connection *c)
{
    *rows = (struct wt_rows){.c = c};
}

static bool is_data(const struct wt_message *m)
{
    return m->content_type == WT_CONTENT_APPLICATION_DATA && !m->inner_type && !(m->flags & WT_MESSAGE_CUT);
}

static void count(const struct wt_message *m, struct wt_row *row)
{
    unsigned side = m->from & 1;
    row->data[side].records++;
    row->data[side].bytes += m->length;
    if (m->flags & WT_MESSAGE_DECRYPTED) {
        row->opened[side].records++;
        row->opened[side].bytes += m->plaintext_length;
    }
}

/* A record of TLS 1.3 that was opened and held other messages: they follow as rows of their own. */
static bool is_shell(const struct wt_message *m)
{
    return m->inner_type && !(m->flags & (WT_MESSAGE_MALFORMED | WT_MESSAGE_UNEXPECTED | WT_MESSAGE_CUT));
}

/* How many messages from i on are application data of the same side, all opened or none. */
static size_t run(const struct wt_connection *c, size_t i, struct wt_row *row)
{
    size_t first = i;
    const struct wt_message *m = &c->messages[i];
    for (; i < c->message_count && is_data(&c->messages[i]) && c->messages[i].from == m->from &&
           wt_rows_is_hidden(&c->messages[i]) == wt_rows_is_hidden(m);
         i++)
        count(&c->messages[i], row);
    return i - first;
}

/* The runs from i on, and where they end. */
static size_t runs_ahead(const struct wt_connection *c, size_t i, unsigned *runs, size_t *last)
{
    *runs = 0;
    *last = i;
    while (i < c->message_count && is_data(&c->messages[i])) {
        struct wt_row sum = {0};
        *last = i;
        i += run(c, i, &sum);
        ++*runs;
    }
    return i;
}

static void note(struct wt_rows *rows, const struct wt_message *m, struct wt_row *row)
{
    if (m->flags & WT_MESSAGE_REPEATED) {
        row->finished_here = m->content_type == WT_CONTENT_HANDSHAKE;
        return;
    }
    if (m->content_type == WT_CONTENT_CHANGE_CIPHER_SPEC && !rows->tls13)
        rows->changed[m->from] = true;
    if (m->content_type != WT_CONTENT_HANDSHAKE)
        return;
    if (wt_rows_is_hidden(m)) {
        row->finished_here = rows->changed[m->from] && !(m->flags & WT_MESSAGE_SSL2);
        row->renegotiation = !row->finished_here && rows->finished[0] && rows->finished[1];
        rows->finished[m->from] |= row->finished_here;
        rows->changed[m->from] = false;
        return;
    }
    if (m->flags & WT_MESSAGE_SSL2)
        return;
    if (m->type == WT_HANDSHAKE_FINISHED) {
        rows->changed[m->from] = false;
        rows->finished[m->from] = true;
        rows->hidden[m->from] = true; /* it was decrypted: nothing is left to infer from position */
    }
    if (m->type == WT_HANDSHAKE_CLIENT_HELLO)
        rows->hello[WT_CLIENT] = true;
    if (m->type == WT_HANDSHAKE_SERVER_HELLO && !(m->flags & WT_MESSAGE_RETRY)) {
        rows->hello[WT_SERVER] = true;
        rows->tls13 = wt_version_is_tls13(m->shape.version);
    }
}

/* Encrypted records of a TLS 1.3 handshake, as far as their position proves it; and early data. */
static bool hidden(struct wt_rows *rows, const struct wt_message *m, struct wt_row *row)
{
    if (rows->hidden[m->from])
        return false;
    if (wt_rows_is_hidden(m) && rows->tls13 && rows->hello[WT_SERVER]) {
        rows->hidden[m->from] = true;
        row->kind = WT_ROW_HIDDEN;
        return true;
    }
    /* before the ServerHello only 0-RTT data is encrypted (RFC 8446, 2.3) */
    if (m->flags & WT_MESSAGE_ENCRYPTED && m->from == WT_CLIENT && rows->hello[WT_CLIENT] && !rows->hello[WT_SERVER] &&
        rows->c->early_data != WT_EARLY_NONE) {
        row->kind = WT_ROW_EARLY;
        return true;
    }
    return false;
}

static void data_row(struct wt_rows *rows, struct wt_row *row)
{
    const struct wt_connection *c = rows->c;
    unsigned ahead;
    size_t last, end = runs_ahead(c, rows->next, &ahead, &last);
    (void)end;
    row->kind = WT_ROW_DATA;
    rows->exchanges++;
    /* the first few, then a sum, then the last */
    if (rows->exchanges == RUNS_SHOWN - 1 && ahead > 2) {
        row->kind = WT_ROW_EXCHANGES;
        row->count = last - rows->next;
        for (size_t i = rows->next; i < last; i++)
            count(&c->messages[i], row);
        return;
    }
    row->count = run(c, rows->next, row);
}

bool wt_rows_next(struct wt_rows *rows, struct wt_row *row)
{
    const struct wt_connection *c = rows->c;
    while (rows->next < c->message_count && is_shell(&c->messages[rows->next]))
        rows->next++;
    if (rows->next >= c->message_count)
        return false;
    const struct wt_message *m = &c->messages[rows->next];
    *row = (struct wt_row){.kind = WT_ROW_MESSAGE, .from = m->from & 1, .first = rows->next, .count = 1};
    if (!is_data(m)) {
        rows->exchanges = 0;
        note(rows, m, row);
    } else if (hidden(rows, m, row)) {
        rows->exchanges = 0;
        row->count = run(c, rows->next, row);
    } else {
        data_row(rows, row);
    }
    rows->next += row->count;
    return true;
}
