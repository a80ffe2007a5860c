/* What the observer concludes: rows of findings.def with the case's numbers. */
#ifndef WT_DIAGNOSIS_FINDINGS_H
#define WT_DIAGNOSIS_FINDINGS_H

#include "base/span.h"
#include "diagnosis/advice.h"
#include "wiretale/story.h"

enum wt_finding_id {
#define WT_FINDING(id, name, severity, text, advice, anchor) WT_FINDING_##id,
#include "diagnosis/causes.def"
#include "diagnosis/findings.def"
#include "diagnosis/judgements.def"
#include "diagnosis/observations.def"
#undef WT_FINDING
    WT_FINDING_COUNT
};

enum { WT_FINDING_ALTERNATIVES = 2 };

struct wt_finding_row {
    const char *id;
    uint8_t severity;
    const char *text;   /* a format for at most %1$s (text), %2$PRIu64 and %3$PRIu64 (numbers) */
    const char *advice; /* or NULL */
    const char *anchor; /* the RFC section, or other source, that decides it */
};

const struct wt_finding_row *wt_finding_row(enum wt_finding_id id);

struct wt_tls;
struct wt_observer;

struct wt_list_alert {
    struct wt_list_alert *next;
    struct wt_alert_seen alert;
    uint32_t acknowledgment; /* of the packet with its record's end; 0: not known */
};

struct wt_list_finding {
    struct wt_list_finding *next;
    uint8_t row; /* enum wt_finding_id */
    uint32_t frame;
    uint32_t reach[2]; /* by direction: TCP's number after the record that was read then; 0: not known */
    uint64_t number[2];
    const char *text;       /* static, or in the arena */
    uint8_t fault, noticed; /* enum wt_fault, enum wt_noticed */
    bool probable;
    bool told;      /* the text is the whole sentence */
    uint8_t grade;  /* enum wt_severity + 1 when it is another than the row's; 0: the row's */
    uint8_t advice; /* enum wt_advice */
};

/* Another cause that nearly as much speaks for: enum wt_hypothesis_id (0: none), and whose fault it would be. */
struct wt_other_cause {
    uint8_t hypothesis, fault;
};

/* What is reported of a connection beside its messages. */
struct wt_findings {
    struct wt_list_alert *alerts;
    struct wt_list_finding *findings;
    const struct wt_list_finding *cause; /* the root cause of a failure, when it is known */
    uint16_t alert_count, finding_count;
    struct wt_other_cause others[WT_FINDING_ALTERNATIVES]; /* of the root cause, the likeliest first */
};

/* Records a finding. `text` is copied; `frame` 0 for none. Findings with the same row and text are recorded once,
 * and at most WT_LIMIT_FINDINGS per connection. */
void wt_finding_add(struct wt_tls *tls, enum wt_finding_id id, uint32_t frame, const char *text, uint64_t a,
                    uint64_t b);
/* The same with its own sentence, formatted and already translated (_()); at most 1023 bytes. Returns it, NULL if it
 * was not recorded. */
const struct wt_list_finding *wt_finding_say(struct wt_tls *tls, enum wt_finding_id id, uint32_t frame,
                                             const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The first finding of a row; NULL if there is none. */
const struct wt_list_finding *wt_finding_of(const struct wt_tls *tls, enum wt_finding_id id);
/* The message that WT_FINDING_UNEXPECTED is about, as flow.def has it. Set: NULL is let pass. Got: false where it was not
 * set, and the finding's sentence is of a rule. */
void wt_finding_set_message(const struct wt_list_finding *finding, unsigned message);
bool wt_finding_message(const struct wt_list_finding *finding, unsigned *message);
/* Whose fault it is, which side detected it, and whether that is certain. */
void wt_finding_blame(struct wt_tls *tls, const struct wt_list_finding *finding, enum wt_fault fault,
                      enum wt_noticed noticed, bool probable);
/* What to do about it, where that is not what its row says. */
void wt_finding_advise(const struct wt_list_finding *finding, enum wt_advice advice);
/* The advice in English, to be translated; NULL if there is none. */
const char *wt_finding_advice(const struct wt_list_finding *finding);
/* The root cause's alternative of that number; false if there is none. The texts are static, `settle` in English. */
bool wt_finding_alternative(const struct wt_tls *tls, unsigned number, struct wt_alternative *out);
/* Adds sentences to one that has a sentence of its own; at most 1023 bytes in all. */
void wt_finding_more(struct wt_tls *tls, const struct wt_list_finding *finding, const char *sentences);
/* Reports it with another severity than its row's. */
void wt_finding_grade(const struct wt_list_finding *finding, enum wt_severity severity);
/* Makes it the root cause, which is reported as fatal. */
void wt_finding_cause(struct wt_tls *tls, const struct wt_list_finding *finding);
/* The same for what happens repeatedly: increases its number by n. */
void wt_finding_sum(struct wt_tls *tls, enum wt_finding_id id, uint32_t frame, const char *text, uint64_t n);
/* The same for a measure: its number is the largest. */
void wt_finding_most(struct wt_tls *tls, enum wt_finding_id id, uint32_t frame, uint64_t n);

#endif
