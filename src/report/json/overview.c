/* The summary's keys about all connections that were told: lists, the most telling rows first. A list holds at most
 * ROWS of them; how many connections (or findings) are not in it stands beside it. */
#include "report/json/overview.h"

#include "report/json/json.h"
#include "report/overview.h"
#include "story/words.h"

#include <stdlib.h>

#define ROWS 1000u

static void text(struct wt_json *j, const char *key, const char *value)
{
    if (value && *value)
        wt_json_member_text(j, key, value);
}

static void first_of(struct wt_json *j, const struct wt_tally_row *row)
{
    text(j, "file", row->file);
    wt_json_member_number(j, "stream", row->stream);
}

static void cause(struct wt_json *j, const struct wt_overview *o, const struct wt_tally_row *row)
{
    const struct wt_overview_cause *c = row->what;
    (void)o;
    switch (c->why) {
    case WT_WHY_FINDING:
        text(j, "id", c->id);
        break;
    case WT_WHY_ALERT:
        wt_json_key(j, "alert");
        wt_json_name(j, WT_REG_ALERT, c->alert);
        break;
    default:
        wt_json_key(j, "reset");
        wt_json_bool(j, c->why == WT_WHY_RESET);
    }
    wt_json_member_number(j, "connections", wt_tally_sum(row->count));
    first_of(j, row);
}

static void server(struct wt_json *j, const struct wt_overview *o, const struct wt_tally_row *row)
{
    const struct wt_overview_server *s = row->what;
    char room[46];
    (void)o;
    if (s->name.n) {
        wt_json_key(j, "sni");
        wt_json_wire(j, s->name);
    }
    text(j, "ip", wt_address_format(&s->address, room));
    wt_json_member_number(j, "port", s->address.port);
    wt_json_member_number(j, "connections", wt_tally_sum(row->count));
    wt_json_member_number(j, "established", row->count[WT_ESTABLISHED]);
    wt_json_member_number(j, "failed", row->count[WT_FAILED]);
    wt_json_member_number(j, "incomplete", row->count[WT_INCOMPLETE]);
}

static void version(struct wt_json *j, const struct wt_overview *o, const struct wt_tally_row *row)
{
    (void)o;
    wt_json_key(j, "version");
    wt_json_name(j, WT_REG_VERSION, row->key);
    wt_json_member_number(j, "connections", wt_tally_sum(row->count));
}

static void suite(struct wt_json *j, const struct wt_overview *o, const struct wt_tally_row *row)
{
    (void)o;
    wt_json_key(j, "cipher_suite");
    wt_json_name(j, WT_REG_CIPHER_SUITE, row->key);
    wt_json_key(j, "cipher_suite_id");
    wt_json_code(j, row->key, 2);
    wt_json_member_number(j, "connections", wt_tally_sum(row->count));
}

static void group(struct wt_json *j, const struct wt_overview *o, const struct wt_tally_row *row)
{
    (void)o;
    wt_json_key(j, "group");
    wt_json_name(j, WT_REG_GROUP, row->key);
    wt_json_member_number(j, "connections", wt_tally_sum(row->count));
}

static void finding(struct wt_json *j, const struct wt_overview *o, const struct wt_tally_row *row)
{
    const struct wt_overview_finding *f = row->what;
    const struct wt_finding graded = {.severity = f->severity};
    (void)o;
    text(j, "id", f->id);
    text(j, "severity", wt_words_severity(&graded));
    wt_json_member_number(j, "connections", wt_tally_sum(row->count));
    first_of(j, row);
}

static void certificate(struct wt_json *j, const struct wt_overview *o, const struct wt_tally_row *row)
{
    const struct wt_overview_certificate *c = row->what;
    text(j, "subject", c->subject);
    text(j, "name", c->name);
    wt_json_key(j, "sha256");
    wt_json_hex(j, row->identity);
    wt_json_key(j, "not_after");
    wt_json_date(j, c->not_after);
    wt_json_key(j, "days_left");
    wt_json_integer(j, wt_overview_days(o, c));
    wt_json_member_number(j, "connections", wt_tally_sum(row->count));
    first_of(j, row);
}

typedef void row_teller(struct wt_json *j, const struct wt_overview *o, const struct wt_tally_row *row);

struct list {
    const char *key, *untold;
    const struct wt_tally *tally;
    wt_tally_order *order;
    row_teller *tell;
    bool named; /* `what` is needed */
};

static void list_of(struct wt_json *j, const struct wt_overview *o, const struct list *l)
{
    const struct wt_tally_row **rows = wt_tally_sorted(l->tally, l->order);
    uint64_t untold = wt_tally_sum(l->tally->untold);
    wt_json_key_of(j, l->key, strlen(l->key));
    wt_json_open(j, '[');
    for (uint32_t i = 0; rows && i < l->tally->count; i++) {
        if (i >= ROWS || (l->named && !rows[i]->what)) {
            untold += wt_tally_sum(rows[i]->count);
            continue;
        }
        wt_json_open(j, '{');
        l->tell(j, o, rows[i]);
        wt_json_close(j, '}');
    }
    wt_json_close(j, ']');
    if (untold)
        wt_json_member_number(j, l->untold, untold);
    free(rows);
}

void wt_json_overview(struct wt_json *j, const struct wt_overview *o)
{
    const struct list lists[] = {
        {"causes", "causes_untold", &o->causes, wt_tally_by_count, cause, true},
        {"servers", "servers_untold", &o->servers, wt_tally_by_failed, server, true},
        {"versions", "versions_untold", &o->versions, wt_tally_by_count, version, false},
        {"cipher_suites", "cipher_suites_untold", &o->suites, wt_tally_by_count, suite, false},
        {"groups", "groups_untold", &o->groups, wt_tally_by_count, group, false},
        {"findings", "findings_untold", &o->findings, wt_tally_by_severity, finding, true},
        {"certificates", "certificates_untold", &o->certificates, wt_tally_by_days, certificate, true},
    };
    wt_json_member_number(j, "told", o->told);
    if (o->failed_later)
        wt_json_member_number(j, "failed_later", o->failed_later);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        list_of(j, o, &lists[i]);
}
