/* A blackboard: how the keys were made, and how a record was protected, step by step with the connection's own bytes.
 *
 *      master_secret = PRF(premaster_secret, label, seed)                         RFC 5246, 8.1
 *        premaster_secret    48  03038d6e 1f…
 *        label                   "master secret"
 *      → master_secret       48  7b3c90aa …
 */
#include "report/text/steps.h"

#include "registry/registry.h"
#include "report/text/names.h"
#include "report/text/schedule.h"
#include "report/text/text.h"

#include <inttypes.h>
#include <stdio.h>

#define STEP_AT 6u
#define PART_AT 8u
#define CUT_AT 16u     /* names of what a block is cut into; offsets come before them */
#define COUNT_TO 40u   /* where counts of bytes end */
#define HEX_AT 42u     /* where bytes begin */
#define WIDE_BYTES 32u /* a line */
#define NARROW_BYTES 16u
#define WIDE_FROM (HEX_AT + 2 * WIDE_BYTES + WIDE_BYTES / 4 - 1)
#define HEAD_LINES 4u /* of a long run of bytes that is cut in its middle */
#define TAIL_LINES 2u
#define WORTH_A_NAME 20u /* bytes that are named rather than repeated */
#define LOOK_BACK 64u    /* steps that are searched for where a value came from */

/* The steps of one section. */
struct board {
    struct wt_text *x;
    const struct wt_told_step *steps;
    size_t count;
    unsigned bytes; /* of a line */
    bool whole;     /* long runs are not cut */
    bool keys;      /* secrets and a key block, rather than a record */
};

static struct board board_of(struct wt_text *x, const struct wt_told_step *steps, size_t count, bool keys)
{
    unsigned bytes = x->term.columns >= WIDE_FROM ? WIDE_BYTES : NARROW_BYTES;
    return (struct board){x, steps, count, bytes, x->options->bytes, keys};
}

static void say(struct wt_text *x, unsigned indent, enum wt_style style, const char *text)
{
    wt_term_to(&x->term, indent);
    wt_term_style(&x->term, style);
    wt_term_wrap(&x->term, indent, x->prose, text);
    wt_term_style(&x->term, WT_STYLE_PLAIN);
    wt_term_end(&x->term);
}

static const char *or_nameless(const char *name)
{
    return name ? name : "?";
}

static enum wt_style side_style(unsigned side)
{
    return side == WT_CLIENT ? WT_STYLE_CLIENT : side == WT_SERVER ? WT_STYLE_SERVER : WT_STYLE_BOLD;
}

/* --- bytes ----------------------------------------------------------------------------------------------------------
 */

static void hex_line(struct board *b, struct wt_span bytes)
{
    char group[9];
    wt_term_to(&b->x->term, HEX_AT);
    for (size_t i = 0; i < bytes.n; i += 4) {
        size_t n = 0;
        for (size_t k = i; k < bytes.n && k < i + 4; k++)
            n += (size_t)snprintf(group + n, sizeof group - n, "%02x", bytes.p[k]);
        if (i)
            wt_term_text(&b->x->term, " ");
        wt_term_text(&b->x->term, group);
    }
    wt_term_end(&b->x->term);
}

/* Lines of bytes; the first continues the current line. A long run loses its middle unless the reader wants all. */
static void hex(struct board *b, struct wt_span bytes)
{
    size_t lines = (bytes.n + b->bytes - 1) / b->bytes;
    size_t head = !b->whole && lines > HEAD_LINES + TAIL_LINES + 1 ? HEAD_LINES : lines;
    char room[64];
    for (size_t i = 0; i < head && !b->x->term.output->failed; i++)
        hex_line(b, wt_span_cut(bytes, i * b->bytes, b->bytes));
    if (head == lines)
        return;
    size_t left_out = (lines - HEAD_LINES - TAIL_LINES) * b->bytes;
    (void)snprintf(room, sizeof room, _("… %zu bytes …"), left_out);
    wt_term_to(&b->x->term, HEX_AT);
    wt_term_style(&b->x->term, WT_STYLE_DIM);
    wt_term_text(&b->x->term, room);
    wt_term_style(&b->x->term, WT_STYLE_PLAIN);
    wt_term_end(&b->x->term);
    for (size_t i = lines - TAIL_LINES; i < lines; i++)
        hex_line(b, wt_span_cut(bytes, i * b->bytes, b->bytes));
}

/* The name under which just these bytes stand above: what a step made first of all, else what went into one. NULL when
 * they do not. Few bytes are sooner read again than looked up, and may be the same by chance. */
static const char *shown_before(const struct board *b, size_t step, const struct wt_step_part *p)
{
    size_t first = step > LOOK_BACK ? step - LOOK_BACK : 0;
    const char *name = NULL;
    if (p->bytes.n < WORTH_A_NAME)
        return NULL;
    for (size_t i = step; i-- > first;) {
        const struct wt_step *s = &b->steps[i].step;
        if (wt_span_equal(s->out.bytes, p->bytes))
            return or_nameless(s->out.name);
        for (size_t k = 0; k < s->in_count && !name; k++)
            if (wt_span_equal(s->in[k].bytes, p->bytes))
                name = or_nameless(s->in[k].name);
    }
    return name;
}

static bool all_zero(struct wt_span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i])
            return false;
    return s.n > 0;
}

/* Name and count; leaves the line where bytes begin. */
static void part_name(struct board *b, unsigned indent, const char *name, size_t n)
{
    struct wt_term *t = &b->x->term;
    char number[24];
    wt_term_to(t, indent);
    wt_term_text(t, name);
    wt_term_style(t, WT_STYLE_DIM);
    (void)snprintf(number, sizeof number, " %zu", n);
    if (t->at + strlen(number) > COUNT_TO)
        wt_term_end(t);
    wt_term_right(t, COUNT_TO, number);
    wt_term_style(t, WT_STYLE_PLAIN);
}

static void text_part(struct board *b, const struct wt_step_part *p)
{
    struct wt_term *t = &b->x->term;
    const char *text = wt_text_wire(b->x, p->bytes, 120);
    part_name(b, PART_AT, or_nameless(p->name), p->bytes.n);
    wt_term_to(t, HEX_AT);
    wt_term_text(t, "\"");
    wt_term_wrap(t, HEX_AT, t->columns - 1, text);
    wt_term_text(t, "\"");
    wt_term_end(t);
    if (b->whole)
        hex(b, p->bytes);
}

/* Hex digits, as many as the bytes have. */
static bool is_hex_of(const char *hex, size_t n, struct wt_span bytes)
{
    static const char digits[] = "0123456789abcdef";
    if (n != 2 * bytes.n || n == 0)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((hex[i] >= 'A' && hex[i] <= 'F' ? hex[i] + 32 : hex[i]) !=
            digits[i & 1 ? bytes.p[i / 2] & 15 : bytes.p[i / 2] >> 4])
            return false;
    return true;
}

/* Of a secret that was given and not made here: its label in the key log, "CLIENT_RANDOM". n: its length. */
static const char *label_of(const struct wt_connection *c, struct wt_span secret, size_t *n)
{
    for (const char *line = c->key_log; line && *line;) {
        size_t end = strcspn(line, "\n"), last = end;
        while (last && line[last - 1] != ' ')
            last--;
        *n = strcspn(line, " ");
        if (last > *n && is_hex_of(line + last, end - last, secret))
            return line;
        line += end + (line[end] != 0);
    }
    return NULL;
}

static void was_given(struct board *b, struct wt_span secret)
{
    size_t n;
    const char *label = b->keys ? label_of(b->x->c, secret, &n) : NULL;
    char line[160];
    if (!label)
        return;
    (void)snprintf(line, sizeof line, _("as given: %s"), wt_text_wire(b->x, wt_span_of(label, n), 60));
    say(b->x, PART_AT + 2, WT_STYLE_DIM, line);
}

static void input(struct board *b, size_t step, const struct wt_step_part *p)
{
    struct wt_term *t = &b->x->term;
    const char *from = p->text ? NULL : shown_before(b, step, p);
    if (p->text) {
        text_part(b, p);
        return;
    }
    part_name(b, PART_AT, or_nameless(p->name), p->bytes.n);
    if (p->bytes.n == 0 || (all_zero(p->bytes) && p->bytes.n > 4)) {
        wt_term_to(t, HEX_AT);
        wt_term_text(t, p->bytes.n ? _("all zero") : _("empty"));
        wt_term_end(t);
    } else if (from) {
        char line[200];
        size_t n;
        const char *label = b->keys ? label_of(b->x->c, p->bytes, &n) : NULL;
        if (label) /* says more than "traffic secret" */
            from = wt_text_wire(b->x, wt_span_of(label, n), 60);
        (void)snprintf(line, sizeof line, _("%02x%02x%02x%02x… %s, from above"), p->bytes.p[0], p->bytes.p[1],
                       p->bytes.p[2], p->bytes.p[3], from);
        wt_term_to(t, HEX_AT);
        wt_term_wrap(t, HEX_AT, t->columns, line);
        wt_term_end(t);
    } else {
        hex(b, p->bytes);
        was_given(b, p->bytes);
    }
}

static void outcome(struct board *b, const struct wt_told_step *told)
{
    struct wt_term *t = &b->x->term;
    const struct wt_step_part *p = &told->step.out;
    wt_term_to(t, STEP_AT);
    wt_term_style(t, side_style(told->side));
    wt_term_text(t, "→ ");
    if (p->text) {
        wt_term_style(t, WT_STYLE_PLAIN);
        text_part(b, p);
        return;
    }
    part_name(b, PART_AT, or_nameless(p->name), p->bytes.n);
    if (p->bytes.n) {
        hex(b, p->bytes);
        return;
    }
    wt_term_to(t, HEX_AT);
    wt_term_text(t, _("empty"));
    wt_term_end(t);
}

/* --- steps ----------------------------------------------------------------------------------------------------------
 */

/* The same for the other side, or again: the sentence was read. */
static bool said_before(const struct board *b, size_t step)
{
    size_t first = step > LOOK_BACK ? step - LOOK_BACK : 0;
    const char *text = wt_step_text(&b->steps[step].step);
    for (size_t i = step; i-- > first;)
        if (wt_step_text(&b->steps[i].step) == text)
            return true;
    return false;
}

/* "server: write_key = HKDF-Expand-Label(traffic secret, Label, Context, Length)" and where the RFC says so. */
static void step_head(struct board *b, size_t step)
{
    const struct wt_told_step *told = &b->steps[step];
    struct wt_term *t = &b->x->term;
    const struct wt_step *s = &told->step;
    const char *text = wt_step_text(s);
    struct wt_buffer line = {0};
    wt_term_end(t);
    if (!s->out.name) { /* nothing came of it: the sentence says why */
        if (text)
            say(b->x, STEP_AT, WT_STYLE_BAD, _(text));
        return;
    }
    wt_term_to(t, STEP_AT);
    wt_term_style(t, side_style(told->side));
    if (told->side <= WT_SERVER) {
        wt_term_text(t, wt_text_side(told->side));
        wt_term_text(t, _(": "));
    }
    wt_term_text(t, or_nameless(s->out.name));
    wt_term_style(t, WT_STYLE_PLAIN);
    if (s->function && *s->function) {
        (void)wt_buffer_format(&line, " = %s", s->function);
        for (size_t i = 0; i < s->in_count; i++)
            (void)wt_buffer_format(&line, "%s%s", i ? ", " : "(", or_nameless(s->in[i].name));
        if (s->in_count)
            (void)wt_buffer_add_char(&line, ')');
    }
    if (wt_buffer_add_char(&line, 0))
        wt_term_wrap(t, PART_AT + 2, b->x->prose, (const char *)line.p);
    wt_term_end(t);
    line.n = 0;
    if (text && !said_before(b, step))
        (void)wt_buffer_format(&line, "%s ", _(text));
    if (s->rfc)
        (void)wt_buffer_format(&line, told->frame ? "(%s; " : "(%s)", s->rfc);
    if (told->frame)
        (void)wt_buffer_format(&line, _("%spacket %" PRIu32 ")"), s->rfc ? "" : "(", told->frame);
    if (line.n && wt_buffer_add_char(&line, 0))
        say(b->x, PART_AT, WT_STYLE_DIM, (const char *)line.p);
    wt_buffer_free(&line);
}

/* "over ClientHello, ServerHello, Certificate" */
static void hashed(struct board *b, const struct wt_told_step *told)
{
    struct wt_buffer names = {0};
    char lead[64];
    if (!told->hashed_count)
        return;
    (void)snprintf(lead, sizeof lead,
                   ngettext_("hash over %zu message: ", "hash over %zu messages: ", told->hashed_count),
                   told->hashed_count);
    (void)wt_buffer_add_text(&names, lead);
    for (size_t i = 0; i < told->hashed_count; i++)
        (void)wt_buffer_format(&names, "%s%s", i ? _(", ") : "", wt_text_message_type(b->x, told->hashed[i]));
    if (wt_buffer_add_char(&names, 0))
        say(b->x, PART_AT, WT_STYLE_PLAIN, (const char *)names.p);
    wt_buffer_free(&names);
}

/* A piece of the key block. (Records are cut too, in other ways.) */
static bool is_cut(const struct board *b, const struct wt_step *s)
{
    return b->keys && s->function && strcmp(s->function, "cut") == 0;
}

/* A piece is named after its side, also where the cutting is done for both. */
static unsigned side_of(const struct wt_told_step *told)
{
    const char *name = or_nameless(told->step.out.name);
    return told->side <= WT_SERVER            ? told->side
           : strncmp(name, "client_", 7) == 0 ? WT_CLIENT
           : strncmp(name, "server_", 7) == 0 ? WT_SERVER
                                              : 2u;
}

/* The block that a piece is taken from. */
static struct wt_span cut_from(const struct wt_step *s)
{
    return s->in_count ? s->in[0].bytes : (struct wt_span){0};
}

/* Where a part is: after the previous one, unless the block's own bytes say otherwise. */
static size_t offset_of(struct wt_span block, struct wt_span piece, size_t at)
{
    if (piece.n == 0 || wt_span_equal(wt_span_cut(block, at, piece.n), piece))
        return at;
    for (size_t i = 0; i + piece.n <= block.n; i++)
        if (memcmp(block.p + i, piece.p, piece.n) == 0)
            return i;
    return at;
}

/* One bar for the block, its pieces in proportion:  |MAC c|MAC s|key c    |key s    |iv c|iv s| */
static void ruler(struct board *b, size_t first, size_t end)
{
    struct wt_term *t = &b->x->term;
    unsigned width = (b->x->prose < 100 ? b->x->prose : 100) - PART_AT - 8, used = 0;
    size_t total = 0, at = 0;
    char number[24];
    for (size_t i = first; i < end; i++)
        total += b->steps[i].step.out.bytes.n;
    if (!total)
        return;
    wt_term_to(t, PART_AT);
    wt_term_text(t, "├");
    for (size_t i = first; i < end; i++) {
        size_t n = b->steps[i].step.out.bytes.n;
        if (!n)
            continue;
        at += n;
        unsigned to = (unsigned)(at * width / total);
        wt_term_style(t, side_style(side_of(&b->steps[i])));
        wt_term_repeat(t, side_of(&b->steps[i]) == WT_SERVER ? "═" : "─", to > used + 1 ? to - used - 1 : 1);
        wt_term_style(t, WT_STYLE_PLAIN);
        wt_term_text(t, at == total ? "┤" : "┼");
        used = to;
    }
    (void)snprintf(number, sizeof number, " %zu", total);
    wt_term_text(t, number);
    wt_term_end(t);
}

/* "16–31  server_write_key  16  8a7f…" */
static void piece(struct board *b, size_t step, size_t at)
{
    struct wt_term *t = &b->x->term;
    const struct wt_step *s = &b->steps[step].step;
    struct wt_span bytes = s->out.bytes;
    wt_term_to(t, PART_AT);
    if (bytes.n)
        wt_term_format(t, "%3zu–%zu", at, at + bytes.n - 1);
    else
        wt_term_text(t, "  —");
    wt_term_style(t, side_style(side_of(&b->steps[step])));
    part_name(b, CUT_AT, or_nameless(s->out.name), bytes.n);
    if (bytes.n) {
        hex(b, bytes);
    } else {
        wt_term_to(t, HEX_AT);
        wt_term_text(t, _("empty"));
        wt_term_end(t);
    }
}

/* Cuts of one block in a row are one picture. Returns where they end. */
static size_t cuts(struct board *b, size_t first)
{
    struct wt_term *t = &b->x->term;
    struct wt_span block = {0};
    size_t end = first, at = 0, pieces = 0;
    const char *told = "";
    /* what a suite does not need is shown by a step without inputs */
    for (; end < b->count && is_cut(b, &b->steps[end].step); end++) {
        struct wt_span from = cut_from(&b->steps[end].step);
        if (from.n && block.n && !wt_span_equal(from, block))
            break;
        block = from.n ? from : block;
        pieces += b->steps[end].step.out.bytes.n != 0;
    }
    wt_term_end(t);
    wt_term_to(t, STEP_AT);
    wt_term_style(t, WT_STYLE_BOLD);
    wt_term_format(
        t, ngettext_("key_block, split into %zu part", "key_block, split into %zu parts, in this order", pieces),
        pieces);
    wt_term_style(t, WT_STYLE_PLAIN);
    if (b->steps[first].step.rfc)
        wt_term_format(t, _(" (%s)"), b->steps[first].step.rfc);
    wt_term_end(t);
    ruler(b, first, end);
    for (size_t i = first; i < end && !t->output->failed; i++) {
        const struct wt_step *s = &b->steps[i].step;
        at = offset_of(block, s->out.bytes, at);
        piece(b, i, at);
        at += s->out.bytes.n;
        const char *text = wt_step_text(s);
        if (text && text != told) /* what is true of both sides is shown once */
            say(b->x, CUT_AT, WT_STYLE_DIM, _(text));
        told = text ? text : told;
    }
    return end;
}

static void steps(struct board *b)
{
    for (size_t i = 0; i < b->count && !b->x->term.output->failed;) {
        const struct wt_told_step *told = &b->steps[i];
        if (is_cut(b, &told->step)) {
            i = cuts(b, i);
            continue;
        }
        step_head(b, i);
        for (size_t k = 0; k < told->step.in_count; k++)
            input(b, i, &told->step.in[k]);
        hashed(b, told);
        if (told->step.out.name)
            outcome(b, told);
        i++;
    }
}

/* --- sections -------------------------------------------------------------------------------------------------------
 */

/* The lines that open this connection elsewhere. They hold nothing that is not hex or a label. */
static void key_log(struct wt_text *x)
{
    const char *line = x->c->key_log;
    if (!line || !*line)
        return;
    wt_term_end(&x->term);
    say(x, STEP_AT, WT_STYLE_PLAIN, _("Key log (SSLKEYLOGFILE) lines that decrypt it:"));
    while (*line && !x->term.output->failed) {
        size_t n = strcspn(line, "\n");
        struct wt_buffer room = {0};
        wt_escape(&room, wt_span_of(line, n), 4096, WT_ESCAPE_ASCII);
        if (room.p)
            wt_term_wrap(&x->term, PART_AT, x->term.columns, (const char *)room.p);
        wt_term_end(&x->term);
        wt_buffer_free(&room);
        line += n + (line[n] != 0);
    }
}

void wt_text_secrets(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    struct board b = board_of(x, c->derivation, c->derivation_count, true);
    wt_text_headline(x, _("how the keys were derived"));
    if (!c->derivation_count && (!c->key_log || !*c->key_log)) {
        say(x, STEP_AT, WT_STYLE_PLAIN, _("No secrets are known for this connection."));
        return;
    }
    say(x, STEP_AT, WT_STYLE_WARN,
        _("These are the connection's secrets: anyone who has them can decrypt it. Both sides computed the same "
          "values."));
    if (wt_version_is_tls13(c->version)) {
        say(x, STEP_AT, WT_STYLE_PLAIN,
            _("The key schedule of RFC 8446, 7.1: each secret yields those derived from it, and none can be computed "
              "backwards."));
        wt_text_schedule(x);
    }
    wt_text_not_shown(x);
    steps(&b);
    key_log(x);
}

void wt_text_record(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    struct board b = board_of(x, c->record_steps, c->record_step_count, false);
    char line[200];
    (void)snprintf(line, sizeof line,
                   x->options->record_side == WT_SERVER ? _("server record %" PRIu32) : _("client record %" PRIu32),
                   x->options->record);
    wt_text_headline(x, line);
    if (!c->record_step_count) {
        say(x, STEP_AT, WT_STYLE_PLAIN,
            _("Nothing to show: the record was sent in plaintext, could not be decrypted, or does not exist."));
        return;
    }
    say(x, STEP_AT, WT_STYLE_PLAIN, _("From plaintext to the wire:"));
    steps(&b);
}
