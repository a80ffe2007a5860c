/* What certificates are judged by: options that name roots, a time, a host. */
#ifndef WIRETALE_TOOL_TRUST_H
#define WIRETALE_TOOL_TRUST_H

#include "options.h"
#include "wiretale/trust.h"

/* Takes one of OPTIONS_OF_TRUST; *trust is made for the first. False with the reason printed. */
bool tool_trust_option(struct wt_trust **trust, const struct tool_arguments *arguments);

#endif
