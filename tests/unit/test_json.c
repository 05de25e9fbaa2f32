/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma_test.h"

#include "stroma/json.h"

#include <math.h>

static void writes_nested_values(void **state)
{
    (void)state;
    stroma_buffer b;
    stroma_buffer_init(&b, 4096);
    stroma_json j;
    stroma_json_init(&j, &b, 0);
    stroma_json_begin_object(&j);
    stroma_json_put_number(&j, "x", 0.1);
    stroma_json_put_number(&j, "bad", NAN);
    stroma_json_put_string(&j, "s", "a\"b\n</script>\xFF");
    stroma_json_key(&j, "a");
    stroma_json_begin_array(&j);
    stroma_json_int(&j, 1);
    stroma_json_null(&j);
    stroma_json_bool(&j, true);
    stroma_json_end_array(&j);
    stroma_json_end_object(&j);
    assert_int_equal(stroma_buffer_status(&b, NULL), STROMA_OK);
    assert_string_equal(b.data,
                        "{\"x\":0.1,\"bad\":null,\"s\":\"a\\\"b\\n\\u003c/script>\xEF\xBF\xBD\","
                        "\"a\":[1,null,true]}");
    stroma_buffer_clear(&b);
}

static void buffer_keeps_its_limit(void **state)
{
    (void)state;
    stroma_buffer b;
    stroma_buffer_init(&b, 8);
    stroma_buffer_puts(&b, "1234567");
    assert_int_equal(stroma_buffer_status(&b, NULL), STROMA_OK);
    stroma_buffer_puts(&b, "8");
    assert_int_equal(stroma_buffer_status(&b, NULL), STROMA_E_USAGE);
    assert_string_equal(b.data, "1234567");
    stroma_buffer_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(writes_nested_values),
                                        cmocka_unit_test(buffer_keeps_its_limit) };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
