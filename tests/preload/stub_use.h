/* Uses of a libssl that is none: stub_ssl.c. */
#ifndef TESTS_PRELOAD_STUB_USE_H
#define TESTS_PRELOAD_STUB_USE_H

/* One SSL_CTX with a callback of its own where there is such a thing, and a line. With `asks` it is made by
 * SSL_CTX_new_ex() if the dynamic linker knows one. 0: it was well. */
__attribute__((visibility("default"))) int stub_use(int asks);

#endif
