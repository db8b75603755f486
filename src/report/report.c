typedef int report_is_to_come;
