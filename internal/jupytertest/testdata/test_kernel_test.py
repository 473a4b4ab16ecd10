"""jupyter_kernel_test with every sample that the language has. It has no standard error: no code can write there."""
import unittest

import jupyter_kernel_test


class Test(jupyter_kernel_test.KernelTests):
    kernel_name = "smoothlab"
    language_name = "starlark"
    file_extension = ".star"
    code_hello_world = "print('hello, world')"
    code_stderr = ""
    completion_samples = [
        {"text": "smoothadv_", "matches": {"smoothadv_consistency", "smoothadv_ddn"}},
        {"text": "dataset('mnist-", "matches": {"mnist-mini"}},
        {"text": "train(c, d, m, ou", "matches": {"out="}},
    ]
    complete_code_samples = ["x = 1", "def f(x):\n    return x\n", "print('a')"]
    incomplete_code_samples = ["def f(x):", "(1 +", "for i in range(3):"]
    invalid_code_samples = ["x = = 1", "1 +)"]
    code_page_something = "train?"
    code_generate_error = "fail('no')"
    code_execute_result = [{"code": "6*7", "result": "42"}, {"code": "'a'", "result": '"a"'}]
    code_display_data = [
        {"code": "show(dataset('mnist-mini')[3])", "mime": "image/png"},
        {"code": "show(dataset('mnist-mini')[3])", "mime": "text/html"},
    ]
    code_history_pattern = "6?7*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "train"
    code_clear_output = "clear()"
    support_iopub_welcome = True


del unittest
