"""What programs read: context, sitemap, API, data in page heads."""
