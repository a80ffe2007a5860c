/* The engine's codes in words. What lies below the observer knows no human language: it leaves an enum, and here is
 * what that says. Every text is English, static and N_() marked: print it through _(). NULL where there is nothing to
 * say. */
#ifndef WT_WORDING_WORDING_H
#define WT_WORDING_WORDING_H

#include "certificate/chain.h"
#include "certificate/ocsp.h"
#include "protect/protect.h"
#include "starttls/banners.h"

/* How a record opened or failed to: one sentence. */
const char *wt_wording_opening(enum wt_opening opening);
/* Clauses that follow a colon. */
const char *wt_wording_chain(enum wt_chain_why why);
const char *wt_wording_ocsp(enum wt_ocsp_fault fault);
/* A protocol's name, or those that it may be. */
const char *wt_wording_banner(enum wt_banner banner);

#endif
