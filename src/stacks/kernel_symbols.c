/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "src/stacks/kernel_symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#define KALLSYMS_PATH "/proc/kallsyms"
#define READ_SIZE     (64 << 10)
#define LINE_MAX_SIZE 1024

/* Called for each symbol in the order of the file, which is that of addresses within the kernel
 * proper. Returns > 0 to stop, < 0 to fail. */
typedef int (*symbol_handler)(const struct kernel_symbol_line *line, void *userdata);

bool kernel_symbol_parse(const char *line, size_t length, struct kernel_symbol_line *ret_line)
{
    const char *end = line + length, *cursor = line;
    uint64_t address = 0;
    char type;

    for (; cursor < end && *cursor != ' '; cursor++) {
        char c = *cursor;

        if (c >= '0' && c <= '9')
            address = address << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            address = address << 4 | (uint64_t)(c - 'a' + 10);
        else
            return false;
    }
    if (cursor == line || cursor - line > 16 || end - cursor < 4 || cursor[2] != ' ')
        return false;
    type = cursor[1];
    if (type != 't' && type != 'T' && type != 'w' && type != 'W')
        return false;
    *ret_line = (struct kernel_symbol_line){ .address = address, .name = cursor + 3 };
    for (cursor += 3; cursor < end && *cursor != '\t' && *cursor != ' '; cursor++)
        ret_line->name_length++;
    if (end - cursor > 3 && cursor[1] == '[') {
        ret_line->module = cursor + 2;
        ret_line->module_length = (size_t)(end - cursor) - 3;
    }
    return ret_line->name_length > 0;
}

static int walk_buffer(char *buffer, size_t *length, symbol_handler handler, void *userdata)
{
    char *line = buffer, *end = buffer + *length, *newline;
    struct kernel_symbol_line symbol;

    while ((newline = memchr(line, '\n', (size_t)(end - line)))) {
        if (kernel_symbol_parse(line, (size_t)(newline - line), &symbol)) {
            int r = handler(&symbol, userdata);

            if (r)
                return r;
        }
        line = newline + 1;
    }
    *length = (size_t)(end - line);
    memmove(buffer, line, *length);
    return 0;
}

static int walk(symbol_handler handler, void *userdata, struct error *error)
{
    _cleanup_(free_string)
    char *buffer = malloc(READ_SIZE + LINE_MAX_SIZE);
    _cleanup_(close_fd)
    int fd = open(KALLSYMS_PATH, O_RDONLY | O_CLOEXEC);
    size_t length = 0;

    if (!buffer)
        return error_set(error, -ENOMEM, "out of memory");
    if (fd < 0)
        return error_set(error, -errno,
                         "cannot open %s for --print-stack: %s: a unit of systemd needs "
                         "ProtectKernelTunables=no for it",
                         KALLSYMS_PATH, strerror(errno));
    for (;;) {
        ssize_t size = read(fd, buffer + length, READ_SIZE);
        int r;

        if (size < 0)
            return error_set(error, -errno, "cannot read %s: %s", KALLSYMS_PATH, strerror(errno));
        if (size == 0)
            return 0;
        length += (size_t)size;
        r = walk_buffer(buffer, &length, handler, userdata);
        if (r)
            return r < 0 ? error_set(error, r, "cannot keep the kernel's symbols") : 0;
        if (length > LINE_MAX_SIZE)
            length = 0; /* no line of the kernel's is that long */
    }
}

struct symbol {
    uint64_t address;
    uint32_t name;   /* offset into the text */
    uint32_t module; /* offset into the text, 0: none */
};

struct kernel_symbols {
    struct symbol *symbols; /* owned, sorted by address */
    size_t count, size;
    char *text; /* owned; NUL-terminated names one after the other; begins with an empty one */
    size_t text_length, text_size;
    uint32_t last_module; /* neighbours share it */
};

static int add_text(struct kernel_symbols *symbols, const char *bytes, size_t length,
                    uint32_t *ret_offset)
{
    if (symbols->text_length + length + 1 > symbols->text_size) {
        size_t size = MAX(symbols->text_size * 2, (size_t)1 << 20);
        char *text = realloc(symbols->text, size);

        if (!text || size > UINT32_MAX)
            return -ENOMEM;
        symbols->text = text;
        symbols->text_size = size;
    }
    *ret_offset = (uint32_t)symbols->text_length;
    memcpy(symbols->text + symbols->text_length, bytes, length);
    symbols->text[symbols->text_length + length] = '\0';
    symbols->text_length += length + 1;
    return 0;
}

static int module_of(struct kernel_symbols *symbols, const struct kernel_symbol_line *line,
                     uint32_t *ret_offset)
{
    const char *last = symbols->text + symbols->last_module;

    *ret_offset = 0;
    if (!line->module_length)
        return 0;
    if (strlen(last) != line->module_length ||
        memcmp(last, line->module, line->module_length) != 0) {
        int r = add_text(symbols, line->module, line->module_length, &symbols->last_module);

        if (r < 0)
            return r;
    }
    *ret_offset = symbols->last_module;
    return 0;
}

static int keep_symbol(const struct kernel_symbol_line *line, void *userdata)
{
    struct kernel_symbols *symbols = userdata;
    struct symbol *symbol;
    int r;

    if (!line->address)
        return 0;
    if (symbols->count == symbols->size) {
        size_t size = MAX(symbols->size * 2, (size_t)65536);
        struct symbol *grown = realloc(symbols->symbols, size * sizeof(*grown));

        if (!grown)
            return -ENOMEM;
        symbols->symbols = grown;
        symbols->size = size;
    }
    symbol = &symbols->symbols[symbols->count];
    symbol->address = line->address;
    r = add_text(symbols, line->name, line->name_length, &symbol->name);
    if (r < 0)
        return r;
    r = module_of(symbols, line, &symbol->module);
    if (r < 0)
        return r;
    symbols->count++;
    return 0;
}

static int compare_symbols(const void *a, const void *b)
{
    const struct symbol *left = a, *right = b;

    return (left->address > right->address) - (left->address < right->address);
}

int kernel_symbols_new(struct kernel_symbols **ret_symbols, struct error *error)
{
    _cleanup_(kernel_symbols_free)
    struct kernel_symbols *symbols = calloc(1, sizeof(*symbols));
    uint32_t empty;
    int r;

    if (!symbols || add_text(symbols, "", 0, &empty) < 0)
        return error_set(error, -ENOMEM, "out of memory");
    r = walk(keep_symbol, symbols, error);
    if (r < 0)
        return r;
    if (symbols->count == 0)
        return error_set(error, -EPERM,
                         "%s shows no addresses: run as root or with CAP_SYSLOG, and with the "
                         "sysctl kernel.kptr_restrict below 2",
                         KALLSYMS_PATH);
    qsort(symbols->symbols, symbols->count, sizeof(*symbols->symbols), compare_symbols);
    *ret_symbols = TAKE_PTR(symbols);
    return 0;
}

void kernel_symbols_free(struct kernel_symbols **symbols)
{
    if (!*symbols)
        return;
    free((*symbols)->symbols);
    free((*symbols)->text);
    free(*symbols);
    *symbols = NULL;
}

/* The last symbol at or below the address. */
static const struct symbol *find_symbol(const struct kernel_symbols *symbols, uint64_t address)
{
    size_t low = 0, high = symbols->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (symbols->symbols[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &symbols->symbols[low - 1] : NULL;
}

size_t kernel_symbols_format(const struct kernel_symbols *symbols, uint64_t address, char *buffer,
                             size_t size)
{
    const struct symbol *symbol = find_symbol(symbols, address);
    const char *module;
    int length;

    if (!symbol) {
        length = snprintf(buffer, size, "0x%" PRIx64, address);
    } else {
        module = symbols->text + symbol->module;
        length =
            snprintf(buffer, size, "%s+0x%" PRIx64 "%s%s%s", symbols->text + symbol->name,
                     address - symbol->address, *module ? " [" : "", module, *module ? "]" : "");
    }
    return MIN((size_t)MAX(length, 0), size - 1);
}
